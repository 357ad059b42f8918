# tests/verdict.awk - the verdict and the roots of `wedge --json -e run -e wedge -e 'info threads'`, in the words that guests use about themselves.
#
#   verdict: WEDGE | STANDSTILL | STALL | RUNNING | ENDED STATUS
#   root: KIND[:NAME] CAUSE THREAD...     one line per root, sorted; NAME: of the object, if it has one; THREAD: the names of the threads
#                                         that it explains, sorted, each one once (`worker*20`: twenty of that name)

function text(s, key,    at)
{
	at = index(s, "\"" key "\":\"")
	if (!at)
		return ""
	s = substr(s, at + length(key) + 4)
	return substr(s, 1, index(s, "\"") - 1)
}

function numbers(s, key)
{
	s = substr(s, index(s, "\"" key "\":[") + length(key) + 4)
	return substr(s, 1, index(s, "]") - 1)
}

# Sorts the N words of WORD; insertion is enough.
function sorted(word, n,    i, k, w)
{
	for (i = 2; i <= n; i++) {
		w = word[i]
		for (k = i - 1; k >= 1 && word[k] > w; k--)
			word[k + 1] = word[k]
		word[k + 1] = w
	}
}

function thread_names(list,    n, i, tid, w, out, same)
{
	n = split(list, tid, ",")
	for (i = 1; i <= n; i++)
		w[i] = (tid[i] in name) ? name[tid[i]] : "tid" tid[i]
	sorted(w, n)
	for (i = 1; i <= n; i += same) {
		for (same = 1; i + same <= n && w[i + same] == w[i]; same++)
			;
		out = out " " w[i] (same > 1 ? "*" same : "")
	}
	return out
}

/^\{"verdict":/ {
	verdict = text($0, "verdict")
	if (index($0, "\"ended\":true"))
		verdict = match($0, /ended with status [0-9]+/) ? "ENDED" substr($0, RSTART + 17, RLENGTH - 17) : "ENDED"
	at = index($0, "\"roots\":[")
	roots = at ? substr($0, at, index($0, "],\"edges\":[") - at) : ""
}

/^\{"table":"threads"/ {
	n = split($0, row, "\\{\"tid\":")
	for (i = 2; i <= n; i++)
		name[row[i] + 0] = text(row[i], "name")
}

END {
	print "verdict: " verdict
	n = split(roots, row, "\\{\"object\":")
	count = 0
	for (i = 2; i <= n; i++)
		if (index(row[i], "\"osid\":")) {
			object = text(row[i], "name")
			line[++count] = "root: " text(row[i], "kind") (object == "" ? "" : ":" object) " " text(row[i], "cause") \
				thread_names(numbers(row[i], "threads"))
		}
	sorted(line, count)
	for (i = 1; i <= count; i++)
		print line[i]
}
