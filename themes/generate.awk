# Makes C from the theme files: each one's name and text, in the order given. src/ui parses the text
# as it parses a user's theme file, so a theme that is shipped cannot be one that is refused.
#
#   awk -f themes/generate.awk themes/*.theme >themes.c

BEGIN {
    print "/* Made from themes/ by themes/generate.awk: change those files, not this one. */"
    print "#include \"theme_sources.h\"\n"
    print "const struct ui_theme_source ui_theme_sources[] = {"
}

FNR == 1 {
    if (count++) print "    },"
    name = FILENAME
    sub(/^.*\//, "", name)
    sub(/\.theme$/, "", name)
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
    print "const size_t ui_theme_source_count = " count + 0 ";"
}
