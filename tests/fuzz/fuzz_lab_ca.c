/*
 * The file with the lab's CA in the state folder: whatever stands in it, it is used as it was written or refused in words, and
 * never replaced.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tlstep/lab.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/fuzz_lab_ca.XXXXXX";
static char path[sizeof folder + 32];

static void expect(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void clean_up(void)
{
    char inner[sizeof folder + 8];

    (void)unlink(path);
    (void)snprintf(inner, sizeof inner, "%s/tlstep", folder);
    (void)rmdir(inner);
    (void)rmdir(folder);
}

static void make_folder(void)
{
    char *where;

    expect(mkdtemp(folder) != NULL);
    expect(setenv("XDG_STATE_HOME", folder, 1) == 0);
    where = file_state_path("lab-ca.pem", NULL); /* makes what leads there */
    expect(where != NULL && strlen(where) < sizeof path);
    (void)snprintf(path, sizeof path, "%s", where);
    free(where);
    expect(atexit(clean_up) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer root = {0}, after = {0};
    struct err err = {0};
    struct lab_ca *ca;

    if (path[0] == '\0') {
        make_folder();
    }
    expect(file_replace_private(path, "test", data, size, NULL) == 0);
    if (lab_ca_saved_root(&root, &err) != 0) {
        expect(err.class == ERR_FILE && err.code[0] != '\0' && err.text[0] != '\0');
    } else {
        expect(root.length > 0);
    }
    ca = lab_ca_open(&err);
    expect((ca != NULL) == (root.length > 0));
    lab_ca_release(ca);
    expect(file_read(path, "test", size + 1, &after, NULL) == 0);
    expect(after.length == size && (size == 0 || memcmp(after.data, data, size) == 0));
    buffer_free(&root);
    buffer_free(&after);
    return 0;
}
