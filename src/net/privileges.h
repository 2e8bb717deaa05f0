/* What captures need and nothing else does: given up as soon as the handle is there. */
#ifndef NET_PRIVILEGES_H
#define NET_PRIVILEGES_H

#include "tlstep/base.h"

/*
 * Gives up, for good, what lets this process capture packets; before any thread is started.
 *
 *   file capabilities (setcap)   all capabilities go
 *   a set-user-id root program   it becomes the user who started it
 *   sudo                         it becomes the user who called sudo, with that user's groups and HOME: what is saved is theirs,
 *                                and programs that are run are not run by root
 *   root itself                  stays root, without CAP_NET_RAW and CAP_NET_ADMIN
 *
 * 0, or -1 with class ERR_NETWORK and code "privileges": then nothing may be captured.
 */
int privileges_drop(struct err *err);

#endif
