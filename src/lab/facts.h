/* What a session negotiated, in words for the page that a lab server answers with. */
#ifndef TLSTEP_LAB_FACTS_H
#define TLSTEP_LAB_FACTS_H

#include <gnutls/gnutls.h>

#include "scenario.h"

enum { LAB_FACT_COUNT = 7, LAB_FACT_TEXT = 280 };

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

/* The page, appended to `out`. */
void lab_page_text(struct buffer *out, const struct lab_facts *facts);
void lab_page_html(struct buffer *out, const struct lab_facts *facts);

#endif
