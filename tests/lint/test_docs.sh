# The documents name files that are there: each `path/with/slashes` in them, and each link.
. tests/support/lib.sh

# exists PATH: or a pattern that something matches; <name> stands for anything.
exists() {
    for found in $(printf '%s' "$1" | sed 's/<[a-z]*>/*/g'); do
        [ ! -e "$found" ] || return 0
    done
    return 1
}

for document in README.md docs/*.md; do
    # Paths of this tree begin with one of its folders; other slashes are not about files.
    for path in $(grep -o '`[^` ]*/[^` ]*`' "$document" | tr -d '`' |
        grep -E '^\./|^(docs|include|packages|src|tests|themes|\.ci)/' | grep -v '^\./tlstep$' | sort -u); do
        exists "$path" || not_ok "$document names $path" 'no such file'
    done
    for link in $(grep -Eo '\]\([^)#:]+\)' "$document" | tr -d '])(' | sort -u); do
        exists "$(dirname "$document")/$link" || not_ok "$document links to $link" 'no such file'
    done
done
[ $failures -gt 0 ] || ok 'every file that the documents name is there'

finish
