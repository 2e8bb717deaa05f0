/* SignedCertificateTimestampList, in the language of TLS: RFC 6962 3.2, 3.3. */
#include "der.h"

static const struct schema sct_parts[] = {
    NUMBER("sct", "version", 1),
    BYTES("sct", "log_id", 32),
    {.layout = LAYOUT_FIXED,
     .size = 8,
     .type = {.path = "sct.timestamp",
              .name = "timestamp",
              .kind = WIRE_FIELD_TIME,
              .form = DER_FORM_MILLISECONDS}},
    VECTOR("sct", "extensions", 2),
    NAMED("sct", "algorithm", 2, SIGNATURE_SCHEME),
    VECTOR("sct", "signature", 2),
    END,
};
static const struct schema scts[] = {
    LIST("sct", "signed_certificate_timestamp", 2, sct_parts),
    END,
};
const struct schema der_sct_list[] = {
    LIST("sct", "list", 2, scts),
    END,
};
