# Makes a C table of the Certificate Transparency logs: awk -f generate.awk ct_log.tsv > ct_logs.c
#
# Each line has a log's id (64 hexadecimal digits), its description and its operator, divided by tabs; # starts a
# comment. Ids are in ascending order, so that they can be searched for by halves.

BEGIN {
    FS = "\t"
    print "/* Made by src/pki/data/generate.awk. */"
    print "#include \"sct.h\""
    print "\nconst struct ct_log ct_logs[] = {"
}

/^#/ || /^$/ { next }

{
    if (NF != 3 || length($1) != 64 || $1 !~ /^[0-9a-f]+$/ || $0 ~ /["\\]/) {
        fail("a line has an id of 64 hexadecimal digits, a description and an operator")
    }
    if ($1 "" <= previous "") {
        fail("ids must ascend")
    }
    previous = $1
    count++
    printf "    {{%s}, \"%s\", \"%s\"},\n", bytes($1), $2, $3
}

END {
    if (failed) {
        exit 1
    }
    print "};"
    printf "\nconst size_t ct_log_count = %d;\n", count
}

function fail(text) {
    printf "%s:%d: %s\n", FILENAME, FNR, text > "/dev/stderr"
    failed = 1
    exit 1
}

function bytes(hex,    i, list) {
    for (i = 1; i < length(hex); i += 2) {
        list = list (i > 1 ? ", " : "") "0x" substr(hex, i, 2)
    }
    return list
}
