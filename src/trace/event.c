/* What an event owns. */
#include <stdlib.h>
#include <string.h>

#include "tlstep/trace.h"

/* Data about to be sent and key-log lines are secrets; the rest may be wiped just as well. */
void trace_event_clear(struct trace_event *event)
{
    if (event == NULL) {
        return;
    }
    secret_free(event->data, event->length);
    secret_free(event->text, event->text != NULL ? strlen(event->text) : 0);
    free(event->code);
    free(event->connection);
    pki_verification_free(event->verification);
    *event = (struct trace_event){0};
}
