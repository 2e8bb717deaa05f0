# Makes a C table from the explanations: awk -f generate.awk FILE.md... > explanations.c
#
# "## id" starts an explanation, the paragraph under it is its text; several headings in a row share
# one. A line "Also: a, b" right under the headings gives other words for a term, by which texts link to
# it. What comes before the first heading of a file is for its readers. The table is in the order of
# the ids, so that it can be searched.

FNR == 1 {
    end_file()
    inside = 0
}

/^## / {
    end_text()
    start_text(substr($0, 4))
    next
}

/^#/ { next }

inside && text == "" && /^Also: / {
    also[pending[waiting]] = substr($0, 7)
    next
}

inside && NF > 0 {
    if (finished) {
        fail("a second paragraph under " pending[1])
    }
    sub(/^[ \t]+/, "")
    sub(/[ \t]+$/, "")
    text = text == "" ? $0 : text " " $0
}

inside && NF == 0 && text != "" { finished = 1 }

END {
    if (failed) {
        exit 1
    }
    end_file()
    sort()
    print "/* Made by src/explain/generate.awk. */"
    print "#include \"explanation.h\""
    print "\nconst struct explanation explanations[] = {"
    for (i = 1; i <= count; i++) {
        printf "    {\"%s\", \"%s\",\n     \"%s\"},\n", ids[i], also[ids[i]], texts[ids[i]]
    }
    print "};"
    printf "\nconst size_t explanation_count = %d;\n", count
}

function fail(reason) {
    printf "%s:%d: %s\n", FILENAME, FNR, reason > "/dev/stderr"
    failed = 1
    exit 1
}

function start_text(id) {
    if (id !~ /^[A-Za-z0-9_.-]+$/) {
        fail("not an id: " id)
    }
    if (id in known) {
        fail(id " is explained twice")
    }
    known[id] = 1
    pending[++waiting] = id
    text = ""
    inside = 1
    finished = 0
}

# Headings without a text between them wait for the next text.
function end_text(    i) {
    if (text == "") {
        return
    }
    if (text ~ /\\/) {
        fail("a backslash under " pending[1])
    }
    gsub(/"/, "\\\"", text)
    for (i = 1; i <= waiting; i++) {
        ids[++count] = pending[i]
        texts[pending[i]] = text
    }
    waiting = 0
    text = ""
}

function end_file() {
    end_text()
    if (waiting > 0) {
        fail("no text under " pending[1])
    }
}

# By insertion; LC_ALL=C makes it strcmp's order.
function sort(    i, j, id) {
    for (i = 2; i <= count; i++) {
        id = ids[i]
        for (j = i - 1; j >= 1 && ids[j] "" > id ""; j--) {
            ids[j + 1] = ids[j]
        }
        ids[j + 1] = id
    }
}
