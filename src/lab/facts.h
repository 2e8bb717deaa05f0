/* What a session negotiated, in words for the page that a lab server answers with. */
#ifndef TLSTEP_LAB_FACTS_H
#define TLSTEP_LAB_FACTS_H

#include <gnutls/gnutls.h>

#include "scenario.h"

enum { LAB_FACT_COUNT = 9, LAB_FACT_TEXT = 280 };

/* Names as the RFCs write them. The server name comes from the client: raw bytes. */
struct lab_facts {
    const struct lab_scenario *scenario;
    struct lab_fact {
        const char *label;
        char value[LAB_FACT_TEXT];
    } rows[LAB_FACT_COUNT];
};

/* After the handshake. */
void lab_facts_collect(struct lab_facts *facts, gnutls_session_t session,
                       const struct lab_scenario *scenario);

/* Where there was no TLS at all. */
void lab_facts_in_clear(struct lab_facts *facts, const struct lab_scenario *scenario);
/* The protocol that was agreed on; "none". Borrowed. */
const char *lab_facts_alpn(const struct lab_facts *facts);

/* A page of any server, appended to `out`; and that of a lab server. */
void lab_page_write(struct buffer *out, const struct lab_page *page, bool html);
void lab_facts_write(struct buffer *out, const struct lab_facts *facts, bool html);

#endif
