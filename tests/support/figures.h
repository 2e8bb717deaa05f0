/*
 * The figures of a trace in the shape of ../shared/data/oracle.py, which takes them from tshark: version and suite, names of handshake
 * messages, records, bytes and hashes of data, certificates, fingerprints. So that two dissectors can be compared.
 */
#ifndef SUPPORT_FIGURES_H
#define SUPPORT_FIGURES_H

#include <jansson.h>

#include "tlstep/trace.h"

/* A new object like one of "streams". Ends the test when memory runs out. */
json_t *figures_of(struct trace *trace);

/* True when the trace has at least one record of TLS or SSL 2. */
bool figures_has_tls(const struct trace *trace);

#endif
