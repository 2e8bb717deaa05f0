# Rules that no other tool checks: see "Habits" in docs/contributing.md.
#
#   awk -f tests/lint/style.awk FILE...

function complain(text) {
    print FILENAME ":" FNR ": " text
    bad = 1
}

FNR == 1 { in_comment = 0 }

{
    code = $0
    gsub(/\\./, "", code)
    gsub(/"[^"]*"/, "\"\"", code)
    code = without_comments(code)
}

# Removes comments that begin or end in the line; keeps track of those that go on.
function without_comments(line,    from, to) {
    for (;;) {
        if (in_comment) {
            to = index(line, "*/")
            if (!to) return ""
            line = substr(line, to + 2)
            in_comment = 0
        }
        from = index(line, "/*")
        if (!from) return line
        to = index(substr(line, from + 2), "*/")
        if (to) line = substr(line, 1, from - 1) " " substr(line, from + 2 + to + 1)
        else { in_comment = 1; return substr(line, 1, from - 1) }
    }
}

FNR == 701                             { complain("more than 700 lines: two subjects in one file") }
/[ \t]$/                               { complain("space at the end of the line") }
/\t/                                   { complain("tab") }
/\r/                                   { complain("carriage return") }
/(^|[^X])(TODO|FIXME|XXX)([^0-9A-Za-z_]|$)/ { complain("leftover: do it or file it") }
code ~ /\/\//                          { complain("comments are /* */") }
code ~ /typedef[ \t]+(struct|union|enum)/ { complain("typedef of a " $2) }
code ~ /(^|[^A-Za-z0-9_])(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|strtok|strncpy|alloca|system|popen)[ \t]*\(/ {
    complain("a function that hides errors or bounds")
}

END { exit bad }
