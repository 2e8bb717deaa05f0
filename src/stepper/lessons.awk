# Makes a C table from the lessons: awk -f lessons.awk docs/lessons/*.md > lessons.c
#
# Each file's name and text. src/stepper/lesson.c parses the text when a lesson is begun; a test parses all of them.

BEGIN {
    print "/* Made from docs/lessons by src/stepper/lessons.awk: change those files, not this one. */"
    print "#include \"lesson.h\"\n"
    print "const struct lesson_source lesson_sources[] = {"
}

FNR == 1 {
    if (count++) print "    },"
    name = FILENAME
    sub(/^.*\//, "", name)
    sub(/\.md$/, "", name)
    print "    {\n        .name = \"" name "\",\n        .text ="
}

{
    gsub(/\\/, "\\\\")
    gsub(/"/, "\\\"")
    print "            \"" $0 "\\n\""
}

END {
    if (count) print "    },"
    print "};\n"
    print "const size_t lesson_source_count = " count + 0 ";"
}
