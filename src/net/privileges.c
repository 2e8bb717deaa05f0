/* Giving up privileges: capabilities(7), setresuid(2). */
#include "privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROOT 0

static int fail(struct err *err, const char *doing)
{
    return err_set(err, ERR_NETWORK, "privileges", "cannot give up privileges: %s: %s", doing,
                   strerror(errno));
}

/* Takes capabilities out of all three sets: those in `mask`, or all. Without libcap: the calls are stable, and two words long. */
static int drop_capabilities(uint64_t mask, struct err *err)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

    if (syscall(SYS_capget, &header, data) != 0) {
        return fail(err, "reading capabilities");
    }
    for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
        uint32_t gone = (uint32_t)(mask >> (32 * i));
        data[i].effective &= ~gone;
        data[i].permitted &= ~gone;
        data[i].inheritable &= ~gone;
    }
    return syscall(SYS_capset, &header, data) == 0 ? 0 : fail(err, "dropping capabilities");
}

static int become(uid_t user, gid_t group, struct err *err)
{
    if (setresgid(group, group, group) != 0) {
        return fail(err, "changing the group");
    }
    if (setresuid(user, user, user) != 0) {
        return fail(err, "changing the user");
    }
    /* It would be of no use if it could be taken back. */
    if (user != ROOT && (setuid(ROOT) == 0 || geteuid() == ROOT)) {
        errno = EPERM;
        return fail(err, "root could be had again");
    }
    return 0;
}

/* A number of the environment that sudo has set; false: none, or zero. */
static bool sudo_number(const char *name, unsigned *number)
{
    const char *text = getenv(name);
    char *end;

    if (text == NULL || text[0] < '0' || text[0] > '9') {
        return false;
    }
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    *number = (unsigned)value;
    return errno == 0 && *end == '\0' && value > 0 && value < UINT32_MAX;
}

static int become_caller_of_sudo(unsigned user, unsigned group, struct err *err)
{
    const struct passwd *entry = getpwuid(user);
    int groups =
        entry != NULL ? initgroups(entry->pw_name, group) : setgroups(1, (const gid_t[]){group});

    if (groups != 0) {
        return fail(err, "changing the groups");
    }
    if (entry != NULL && setenv("HOME", entry->pw_dir, 1) != 0) {
        return fail(err, "setting HOME");
    }
    return become(user, group, err);
}

int privileges_drop(struct err *err)
{
    const uint64_t capturing = UINT64_C(1) << CAP_NET_RAW | UINT64_C(1) << CAP_NET_ADMIN;
    unsigned user, group;

    if (geteuid() != ROOT) {
        return drop_capabilities(UINT64_MAX, err);
    }
    if (getuid() != ROOT) {
        return become(getuid(), getgid(), err);
    }
    if (sudo_number("SUDO_UID", &user) && sudo_number("SUDO_GID", &group)) {
        return become_caller_of_sudo(user, group, err);
    }
    return drop_capabilities(capturing, err);
}
