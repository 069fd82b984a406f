# power_numbers.awk: what power.awk and crash_power.awk do with numbers. It comes before either.
function sort_numbers(list, count,    i, j, held) {
	for (i = 2; i <= count; i++) {
		held = list[i]
		for (j = i - 1; j >= 1 && list[j] > held; j--) list[j + 1] = list[j]
		list[j + 1] = held
	}
}

# Of an even number, the mean of the two in the middle.
function median(list, count) {
	return count % 2 ? list[(count + 1) / 2] : (list[count / 2] + list[count / 2 + 1]) / 2
}

function seconds(value) { return value < 10 ? sprintf("%.2f", value) : sprintf("%.0f", value) }
