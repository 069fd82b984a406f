# rooms.awk: the program of rooms.sh. It reads the .c and .h files of engine/, vfs/, record/ and
# sim/ twice.
#
# A file is X.c with X.h. The header with the name of its folder is a file by itself, for it
# declares what several files define. An arrow is an include, or the use of a function or variable
# that another file defines. The text is enough to see both: with the symbols of the object files
# the graph was the same, but for uses inside inline functions of headers.

function offence(what) { print what > "/dev/stderr"; offences++ }
function part_of(path) { sub(/\/.*/, "", path); return path }
function room_of(path) { sub(/\/[^\/]*$/, "", path); return path }
function file_of(path,    folder, name) {
	folder = room_of(path); name = path
	sub(/.*\//, "", folder); sub(/.*\//, "", name)
	if (name == folder ".h") return path
	sub(/\.[ch]$/, "", path)
	return path
}

# The rooms, from the bottom up. Those of one line do not see each other.
function floor_line(line,    rooms, count, i) {
	floors++
	count = split(line, rooms, " ")
	for (i = 1; i <= count; i++) floor_of[rooms[i]] = floors
}
BEGIN {
	floor_line("engine vfs record")
	floor_line("engine/reader vfs/disk")
	floor_line("engine/program vfs/process")
	floor_line("sim")
	floor_line("sim/format")
	floor_line("sim/sqlite")
	floor_line("sim/second")
	floor_line("sim/subject")
	floor_line("sim/conformance")
	floor_line("sim/scenario")
	floor_line("sim/draft")
	floor_line("sim/plan")
	floor_line("sim/world")
	floor_line("sim/orders sim/sql sim/program sim/recording")
	floor_line("sim/run")
	floor_line("sim/sweep")
	floor_line("sim/hunt sim/aftershock")
	floor_line("sim/cli")
	while ((getline line < left) > 0) {
		if (line !~ /^(#|$)/) is_left[line] = 1
	}
}

# Whether `from` may see `to`. Of the parts, sim/ sees vfs/, sim/subject alone sees
# engine/, and sim/recording alone record/.
function may_see(from, to,    from_room, to_room) {
	from_room = room_of(from); to_room = room_of(to)
	if (from_room == to_room) return 1
	if (part_of(from) == part_of(to)) return floor_of[to_room] < floor_of[from_room]
	if (part_of(from) != "sim") return 0
	return part_of(to) == "vfs" || (from_room == "sim/recording" && part_of(to) == "record") || (from_room == "sim/subject" && part_of(to) == "engine")
}

function arrow(from, to, what,    key) {
	if (from == to) return
	key = from SUBSEP to
	if (!(key in arrows)) {
		arrows[key] = what
		targets[from] = targets[from] " " to
		sources[to] = sources[to] " " from
		if (room_of(from) != room_of(to)) between[room_of(from) SUBSEP room_of(to)]++
	}
}

# Comments and strings are no code. A comment may last for several lines.
function code_of(line,    at, rest) {
	gsub(/\\./, "", line)
	gsub(/"[^"]*"/, "\"\"", line)
	gsub(/'[^']*'/, "0", line)
	if (in_comment) {
		at = index(line, "*/")
		if (at == 0) return ""
		line = substr(line, at + 2)
		in_comment = 0
	}
	while ((at = index(line, "/*")) > 0) {
		rest = substr(line, at + 2)
		line = substr(line, 1, at - 1) " "
		at = index(rest, "*/")
		if (at == 0) { in_comment = 1; break }
		line = line substr(rest, at + 2)
	}
	sub(/\/\/.*/, "", line)
	return line
}

FNR == 1 {
	in_comment = 0
	reading = ++seen[FILENAME] # 1: what it defines, 2: what it uses
	file = file_of(FILENAME)
	room = room_of(FILENAME)
	if (reading == 1) {
		files[++file_count] = FILENAME
		if (!(room in floor_of)) offence(FILENAME ":1: " room "/ is no room of tests/lint/rooms.awk")
		if (FILENAME ~ /\.h$/) {
			name = FILENAME; sub(/.*\//, "", name)
			if (name in header) offence(FILENAME ":1: the header " header[name] " has that name, too")
			header[name] = FILENAME
		}
	}
}
reading == 2 && /^[ \t]*#[ \t]*include[ \t]+"/ {
	included = $0; sub(/^[^"]*"/, "", included); sub(/".*/, "", included)
	if (included in header) arrow(file, file_of(header[included]), "includes " included)
	next
}
{ line = code_of($0) }
reading == 1 && FILENAME ~ /\.c$/ && line ~ /^[a-z]/ && line !~ /^(static|typedef|extern|enum [a-z_0-9]+ \{|struct [a-z_0-9]+ \{|union)/ {
	# A definition stands in the first column: `type name(...) {` or `type name = ...`.
	text = line
	sub(/[\[(=;].*/, "", text); sub(/[ \t]+$/, "", text)
	if (line !~ /\);[ \t]*$/ && text ~ /[ *][a-z_0-9]+$/) {
		sub(/.*[ *]/, "", text)
		if (text != "main") defined_in[text] = file
	}
}
reading == 2 && FILENAME ~ /\.c$/ && line != "" {
	gsub(/(\.|->)[a-z_0-9]+/, "", line) # a field is neither function nor variable
	gsub(/(struct|enum) [a-z_0-9]+/, "", line)
	count = split(line, words, /[^A-Za-z_0-9]+/)
	for (i = 1; i <= count; i++)
		if (words[i] in defined_in) arrow(file, defined_in[words[i]], "uses " words[i])
}

# Leaves in `on` the files on circles and those between circles: a file without an arrow in, or
# without one out, is neither.
function trim(    changed, file, list, count, i, in_, out_) {
	do {
		changed = 0
		for (file in on) {
			in_ = out_ = 0
			count = split(targets[file], list, " ")
			for (i = 1; i <= count; i++) if (list[i] in on) out_++
			count = split(sources[file], list, " ")
			for (i = 1; i <= count; i++) if (list[i] in on) in_++
			if (in_ == 0 || out_ == 0) { delete on[file]; changed = 1 }
		}
	} while (changed)
}
function reach(from,    queue, head, tail, list, count, i) {
	head = 1; tail = 1; queue[1] = from
	while (head <= tail) {
		count = split(targets[queue[head]], list, " ")
		for (i = 1; i <= count; i++) {
			if ((list[i] in on) && !((from SUBSEP list[i]) in reached)) {
				reached[from SUBSEP list[i]] = 1
				queue[++tail] = list[i]
			}
		}
		head++
	}
}
# The keys of `set` in their order: a list that is the same on every machine.
function sorted(set, list,    count, key, i, swap) {
	count = 0
	for (key in set) {
		list[++count] = key
		for (i = count; i > 1 && list[i] < list[i - 1]; i--) { swap = list[i]; list[i] = list[i - 1]; list[i - 1] = swap }
	}
	return count
}

END {
	if (file_count == 0) { print "rooms: no files" > "/dev/stderr"; exit 2 }
	for (i = 1; i <= file_count; i++) nodes[file_of(files[i])] = 1
	count = sorted(arrows, list)
	for (i = 1; i <= count; i++) {
		split(list[i], ends, SUBSEP)
		if (!may_see(ends[1], ends[2])) {
			up++
			key = ends[1] " -> " ends[2]
			if (only_left) print key
			else if (key in is_left) still[key] = 1
			else offence(ends[1] ": " arrows[list[i]] " of " ends[2] ", which it may not see")
		}
	}
	for (file in nodes) on[file] = 1
	trim()
	for (file in on) reach(file)
	for (file in on) if (!((file SUBSEP file) in reached)) delete on[file]
	count = sorted(on, list)
	for (i = 1; i <= count; i++) {
		if (list[i] in told) continue
		circles++
		text = ""
		for (j = 1; j <= count; j++) {
			if (((list[i] SUBSEP list[j]) in reached) && ((list[j] SUBSEP list[i]) in reached)) {
				told[list[j]] = 1
				text = text " " list[j]
				circled++
			}
		}
		unlisted = ""
		members = split(text, member, " ")
		for (j = 1; j <= members; j++) {
			key = "circle " member[j]
			if (only_left) print key
			else if (key in is_left) still[key] = 1
			else unlisted = unlisted " " member[j]
		}
		if (unlisted != "")
			offence("a circle of files:" text (unlisted == text ? "" : "; not on the list:" unlisted))
		circle_text[circles] = text
	}
	if (only_left) exit 0
	for (key in is_left) if (!(key in still)) offence(left ": \"" key "\" is no more: delete the line")

	room_count = sorted(floor_of, rooms)
	for (floor = floors; floor >= 1; floor--) {
		for (i = 1; i <= room_count; i++) {
			if (floor_of[rooms[i]] != floor) continue
			text = ""
			for (other = floors; other >= 1; other--) {
				for (j = 1; j <= room_count; j++) {
					if (floor_of[rooms[j]] == other && (rooms[i] SUBSEP rooms[j]) in between)
						text = text " " rooms[j] "(" between[rooms[i] SUBSEP rooms[j]] ")"
				}
			}
			printf "%-16s sees%s\n", rooms[i], text == "" ? " nobody" : text
		}
	}
	for (i = 1; i <= circles; i++) print "circle:" circle_text[i]
	printf "rooms: %d files, %d arrows up, %d circles of %d files\n", file_count, up, circles, circled
	if (offences > 0) exit 1
}
