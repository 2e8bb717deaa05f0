/* Words that both sides of a verification's JSON know. */
#ifndef PKI_VERIFICATION_JSON_H
#define PKI_VERIFICATION_JSON_H

#define VERIFICATION_ORIGINS     3
#define VERIFICATION_SCT_SOURCES 3
extern const char *const verification_origins[VERIFICATION_ORIGINS]; /* by enum pki_origin */
extern const char
    *const verification_sct_sources[VERIFICATION_SCT_SOURCES]; /* by enum pki_sct_source */

#endif
