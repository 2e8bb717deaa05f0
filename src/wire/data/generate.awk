# Makes C tables from the registry files: awk -f generate.awk NAME.tsv... > registries.c
#
# NAME.tsv is the table of WIRE_REGISTRY_NAME. Each line has a value and a name, and in some files a
# third column, divided by tabs; # starts a comment. Values are in ascending order, as decimal
# numbers or as 0x and 2 or 4 digits, the same way in a whole file: unknown ones are written so too.
#
# alpn.tsv (identifiers of protocols) and suite_name.tsv (what programs call a cipher suite) have text
# in their columns and become alpn_entries and suite_names.
#
# oids.tsv is no registry of numbers: each line has an object identifier and its name, in the order of
# their arcs. It becomes oid_entries, with the identifiers as DER has them.

BEGIN {
    FS = "\t"
    print "/* Made by src/wire/data/generate.awk. */"
    print "#include \"oid.h\""
    print "#include \"registry.h\""
}

FNR == 1 { start_table() }

/^#/ || /^$/ { next }

in_oids { print_oid(); next }
in_alpn { print_alpn(); next }
in_suite_names { print_suite_name(); next }

{ print_row() }

END {
    if (failed) {
        exit 1
    }
    end_table()
    print "\nconst struct registry_table registry_tables[WIRE_REGISTRY_COUNT] = {"
    for (i = 1; i <= tables; i++) {
        printf "    [WIRE_REGISTRY_%s] = {%s, %d, %d},\n", toupper(names[i]), names[i], counts[i], digits[i]
    }
    print "};"
    printf "\nconst size_t oid_count = %d;\n", oids
    printf "const size_t alpn_count = %d;\n", alpns
    printf "const size_t suite_name_count = %d;\n", suite_names
    print "\nconst char *const registry_unknown_messages[256] = {"
    for (i = 0; i < 256; i++) {
        printf "    \"Unknown(%d)\",\n", i
    }
    print "};"
}

function fail(text) {
    printf "%s:%d: %s\n", FILENAME, FNR, text > "/dev/stderr"
    failed = 1
    exit 1
}

function start_table(    name) {
    end_table()
    name = FILENAME
    sub(/^.*\//, "", name)
    sub(/\.tsv$/, "", name)
    in_oids = name == "oids"
    in_alpn = name == "alpn"
    in_suite_names = name == "suite_name"
    started = 1
    if (in_oids) {
        print "\nconst struct oid_entry oid_entries[] = {"
        return
    }
    if (in_alpn) {
        print "\nconst struct alpn_entry alpn_entries[] = {"
        return
    }
    if (in_suite_names) {
        print "\nconst struct suite_name suite_names[] = {"
        return
    }
    names[++tables] = name
    counts[tables] = 0
    previous = -1
    printf "\nstatic const struct registry_entry %s[] = {\n", name
}

function end_table() {
    if (started) {
        print "};"
    }
}

function print_row(    value, width) {
    if (NF < 2 || NF > 3) {
        fail("a line has a value, a name and perhaps a third column")
    }
    if ($0 ~ /["\\]/) {
        fail("quotation marks and backslashes have no place here")
    }
    width = $1 ~ /^0x/ ? length($1) - 2 : 0
    value = number($1)
    if (counts[tables] > 0 && width != digits[tables]) {
        fail("this value is not written as those before it")
    }
    if (value <= previous) {
        fail("values must ascend")
    }
    if ((tables, tolower($2)) in seen) {
        fail("the name " $2 " is there twice")
    }
    seen[tables, tolower($2)] = 1
    previous = value
    digits[tables] = width
    counts[tables]++
    printf "    {%s, \"%s\", %s},\n", $1, $2, NF == 3 ? "\"" $3 "\"" : "NULL"
}

function print_alpn() {
    if (NF != 2 || $0 ~ /["\\]/) {
        fail("a line has an identifier and what it stands for")
    }
    if ($1 "" <= last_alpn "") {
        fail("identifiers must ascend")
    }
    last_alpn = $1
    alpns++
    printf "    {\"%s\", \"%s\"},\n", $1, $2
}

function print_suite_name(    value) {
    value = number($1)
    if (NF != 3 || $0 ~ /["\\]/ || (suite_names > 0 && value <= last_suite)) {
        fail("a line has a value, in ascending order, and two names")
    }
    last_suite = value
    suite_names++
    printf "    {%s, %s, %s},\n", $1, quoted($2), quoted($3)
}

function quoted(name) {
    return name == "-" ? "NULL" : "\"" name "\""
}

# awk's own idea of "0x10" differs from one awk to the next.
function number(text,    i, digit, value) {
    if (text ~ /^(0|[1-9][0-9]*)$/) {
        return text + 0
    }
    if (text !~ /^0x[0-9a-f]+$/) {
        fail("not a number: " text)
    }
    for (i = 3; i <= length(text); i++) {
        digit = index("0123456789abcdef", substr(text, i, 1)) - 1
        value = value * 16 + digit
    }
    return value
}

function print_oid(    arcs, count, i, encoded, place) {
    if (NF != 2 || $1 !~ /^[0-2](\.(0|[1-9][0-9]*))+$/ || $2 ~ /["\\]/) {
        fail("a line has an object identifier and a name")
    }
    count = split($1, arcs, ".")
    place = ""
    for (i = 1; i <= count; i++) {
        place = place sprintf("%015d.", arcs[i])
    }
    if (place <= last_place) {
        fail("object identifiers must ascend")
    }
    last_place = place
    encoded = subidentifier(40 * arcs[1] + arcs[2])
    for (i = 3; i <= count; i++) {
        encoded = encoded subidentifier(arcs[i])
    }
    oids++
    printf "    {\"%s\", %d, \"%s\"},\n", encoded, length(encoded) / 4, $2
}

# X.690 8.19.2: base 128, the high bit set in all bytes but the last.
function subidentifier(arc,    text, high) {
    do {
        text = sprintf("\\%03o", arc % 128 + high) text
        arc = int(arc / 128)
        high = 128
    } while (arc > 0)
    return text
}
