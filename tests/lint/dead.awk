# dead.awk: the program of dead.sh. It reads all C files twice: first what they declare, then what
# they use.
function dead(name, where, what) {
	seen[name] = 1
	if (only_left) print name
	else if (!(name in is_left)) { print where ": " what > "/dev/stderr"; failed = 1 }
}
BEGIN {
	while ((getline line < left) > 0) {
		sub(/[ \t]*#.*/, "", line)
		if (line != "") is_left[line] = 1
	}
}
function code_of(line,    at, rest) {
	gsub(/\\./, "", line)
	gsub(/"[^"]*"/, "\"\"", line)
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
FNR == 1 { in_comment = in_structure = 0; nth[FILENAME]++; is_header = FILENAME ~ /\.h$/ }
{ line = code_of($0) }
nth[FILENAME] == 1 && FILENAME !~ /^tests\// {
	# A prototype begins in the first column of a header, a definition in that of a .c file.
	if (line ~ /^[a-z].*[ *][a-z_0-9]+\(/ && line !~ /^(static|typedef|enum [a-z_0-9]+ \{)/ && line !~ /^[a-z_0-9]+\(/) {
		name = line
		sub(/\(.*/, "", name); sub(/.*[ *]/, "", name)
		if (is_header) declared[name] = FILENAME ":" FNR
		else defined[name] = FILENAME
	}
	if (line ~ /^(struct|union) [a-z_0-9]+ \{/) in_structure = 1
	else if (line ~ /^\}/) in_structure = 0
	else if (in_structure && line ~ /^[ \t]+[a-z].*;/ && line !~ /\(/) {
		field = line
		sub(/;.*/, "", field); sub(/ *:.*/, "", field); gsub(/\[[^\]]*\]/, "", field)
		sub(/.*[ *]/, "", field)
		if (field !~ /\)/) # not the last line of a pointer to a function
			fields[field] = fields[field] == "" ? FILENAME ":" FNR : fields[field]
	}
}
nth[FILENAME] == 2 {
	text = line
	# Where a field is given a value it is not read: `.field = ` and `x->field = `, but `+=`
	# reads.
	if (match(text, /(\.|->)[a-z_0-9]+(\[[^\]]*\])* = /)) {
		given = substr(text, RSTART, RLENGTH)
		sub(/(\[[^\]]*\])* = $/, "", given); sub(/.*(\.|->)/, "", given)
		text = substr(text, 1, RSTART - 1) " " substr(text, RSTART + RLENGTH)
		if (given in fields) writes[given] = 1
	}
	rest = text
	while (match(rest, /(\.|->)[a-z_0-9]+/)) {
		field = substr(rest, RSTART, RLENGTH)
		rest = substr(rest, RSTART + RLENGTH)
		sub(/^(\.|->)/, "", field)
		reads[field] = 1
	}
	if (match(line, /offsetof\([^,]*, [a-z_0-9]+/)) {
		field = substr(line, RSTART, RLENGTH); sub(/.* /, "", field)
		reads[field] = 1
	}
	if (!is_header || line ~ /^[ \t]/ || line ~ /#define/) {
		count = split(line, words, /[^A-Za-z_0-9]+/)
		for (i = 1; i <= count; i++) if (words[i] in declared && FILENAME != defined[words[i]]) used[words[i]] = 1
	}
}
END {
	for (name in declared) {
		if (!(name in defined)) dead(name "()", declared[name], name "() is declared, and defined nowhere")
		else if (!(name in used)) dead(name "()", declared[name], name "() is declared, and used in " defined[name] " alone")
	}
	for (field in fields)
		if (!(field in reads)) dead(field, fields[field], "the field " field " is read nowhere")
	if (only_left) exit 0
	for (name in is_left) {
		listed++
		if (name in seen) continue
		print left ": " name " is not dead: delete it" > "/dev/stderr"
		failed = 1
	}
	if (failed) exit 1
	printf "dead: no offence, %d names still to come\n", listed
}
