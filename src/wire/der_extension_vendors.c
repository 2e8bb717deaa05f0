/* Extensions that are no standard but met: Netscape's, Microsoft's, the CA/Browser Forum's; proxies. */
#include "der.h"

#define ID_NS "\x60\x86\x48\x01\x86\xf8\x42\x01"
#define ID_MS "\x2b\x06\x01\x04\x01\x82\x37"
#define X     "certificate.extension."

/* ---- Netscape ----------------------------------------------------------------------------------- */

static const char *const types[] = {"SSL client",     "SSL server", "S/MIME",
                                    "object signing", "",           "SSL CA",
                                    "S/MIME CA",      "object CA",  NULL};
static const struct der_schema cert_type[] = {
    {DER_FLAGS(X "netscape_cert_type.bits", "netscapeCertType", types), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema text[] = {
    {DER_IA5_STRING(X "netscape_text.text", "text"), DER_SAYS("")},
    {DER_END},
};

/* ---- Microsoft ---------------------------------------------------------------------------------- */

static const struct der_schema template_name[] = {
    {DER_STRING(X "ms_certificate_template_name.name", "name"), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema template_parts[] = {
    {DER_OID(X "ms_certificate_template.template_id", "templateID"), DER_SAYS("")},
    {DER_INTEGER(X "ms_certificate_template.major_version", "templateMajorVersion"),
     .optional = true, DER_SAYS("version ")},
    {DER_INTEGER(X "ms_certificate_template.minor_version", "templateMinorVersion"),
     .optional = true, DER_SAYS("minor ")},
    {DER_END},
};
static const struct der_schema template[] = {{DER_FLAT(template_parts)}, {DER_END}};
static const struct der_schema version[] = {
    {DER_INTEGER(X "ms_ca_version.version", "version"), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema previous[] = {
    {DER_OCTETS(X "ms_previous_ca_certificate_hash.hash", "hash"), DER_SAYS("")},
    {DER_END},
};

/* ---- CA/Browser Forum, EV guidelines 9.8.2 ------------------------------------------------------- */

#define CABF X "cabf_organization_identifier."

static const struct der_schema organization_parts[] = {
    {DER_STRING(CABF "scheme", "registrationSchemeIdentifier"), DER_SAYS("")},
    {DER_STRING(CABF "country", "registrationCountry"), DER_SAYS("")},
    {DER_LEAF(CABF "state_or_province", "registrationStateOrProvince", DER_CONTEXT(0), TEXT,
              STRING),
     .optional = true, DER_SAYS("")},
    {DER_STRING(CABF "reference", "registrationReference"), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema organization[] = {{DER_FLAT(organization_parts)}, {DER_END}};

/* ---- proxy certificates, RFC 3820 3.8 ----------------------------------------------------------- */

#define PROXY X "proxy_cert_info."

static const struct der_schema proxy_policy[] = {
    {DER_OID(PROXY "policy_language", "policyLanguage"), DER_SAYS("")},
    {DER_OCTETS(PROXY "policy", "policy"), .optional = true},
    {DER_END},
};
static const struct der_schema proxy_parts[] = {
    {DER_INTEGER(PROXY "path_length", "pCPathLenConstraint"), .optional = true,
     DER_SAYS("path length ")},
    {DER_SEQUENCE(PROXY "proxy_policy", "proxyPolicy", proxy_policy), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema proxy[] = {{DER_FLAT(proxy_parts)}, {DER_END}};

#define NETSCAPE(number, id, shown)                                            \
    {                                                                          \
        DER_OID_IS(ID_NS number), DER_EXTENSION(X "netscape_" id, shown, text) \
    }

const struct der_choice der_extension_vendors[] = {
    {DER_OID_IS(ID_NS "\x01"),
     DER_EXTENSION(X "netscape_cert_type", "netscapeCertType", cert_type)},
    NETSCAPE("\x0d", "comment", "netscapeComment"),
    NETSCAPE("\x02", "base_url", "netscapeBaseURL"),
    NETSCAPE("\x03", "revocation_url", "netscapeRevocationURL"),
    NETSCAPE("\x04", "ca_revocation_url", "netscapeCARevocationURL"),
    NETSCAPE("\x07", "renewal_url", "netscapeRenewalURL"),
    NETSCAPE("\x08", "ca_policy_url", "netscapeCAPolicyURL"),
    NETSCAPE("\x0c", "ssl_server_name", "netscapeSSLServerName"),
    {DER_OID_IS(ID_MS "\x14\x02"),
     DER_EXTENSION(X "ms_certificate_template_name", "msCertificateTemplateName", template_name)},
    {DER_OID_IS(ID_MS "\x15\x07"),
     DER_EXTENSION(X "ms_certificate_template", "msCertificateTemplate", template)},
    {DER_OID_IS(ID_MS "\x15\x01"), DER_EXTENSION(X "ms_ca_version", "msCAVersion", version)},
    {DER_OID_IS(ID_MS "\x15\x02"),
     DER_EXTENSION(X "ms_previous_ca_certificate_hash", "msPreviousCACertificateHash", previous)},
    {DER_OID_IS("\x67\x81\x0c\x03\x01"),
     DER_EXTENSION(X "cabf_organization_identifier", "cabfOrganizationIdentifier", organization)},
    {DER_OID_IS("\x2b\x06\x01\x05\x05\x07\x01\x0e"),
     DER_EXTENSION(X "proxy_cert_info", "proxyCertInfo", proxy)},
    {.oid = NULL},
};
