/* Looking things up in the registries. */
#include "registry.h"

const struct registry_entry *registry_find(enum wire_registry registry, uint32_t value)
{
    const struct registry_table *table = &registry_tables[registry];
    size_t low = 0;
    size_t high = table->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct registry_entry *entry = &table->entries[middle];
        if (entry->value == value) {
            return entry;
        }
        if (entry->value < value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

const char *wire_registry_name(enum wire_registry registry, uint32_t value)
{
    const struct registry_entry *entry = registry_find(registry, value);
    return entry == NULL ? NULL : entry->name;
}

long wire_registry_value(enum wire_registry registry, const char *name)
{
    const struct registry_table *table = &registry_tables[registry];

    for (size_t i = 0; i < table->count; i++) {
        if (text_equal_nocase(table->entries[i].name, name)) {
            return (long)table->entries[i].value;
        }
    }
    return -1;
}

/* RFC 8701 2: 0x0a0a, 0x1a1a, … 0xfafa. */
bool wire_is_grease(uint32_t value)
{
    return value <= 0xffff && (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

/* Where RFC 8701 (for QUIC, RFC 9000) reserves values, and which. PSK modes have one byte: 0x0b, 0x2a, … 0xe4. */
static bool is_reserved_for_grease(enum wire_registry registry, uint32_t value)
{
    switch (registry) {
    case WIRE_REGISTRY_VERSION:
    case WIRE_REGISTRY_CIPHER_SUITE:
    case WIRE_REGISTRY_GROUP:
    case WIRE_REGISTRY_SIGNATURE_SCHEME:
    case WIRE_REGISTRY_EXTENSION:
        return wire_is_grease(value);
    case WIRE_REGISTRY_PSK_MODE:
        return value <= 0xe4 && value % 0x1f == 0x0b;
    case WIRE_REGISTRY_QUIC_PARAMETER: /* RFC 9000 18.1 */
        return value % 31 == 27;
    default:
        return false;
    }
}

char *registry_number(char *out, size_t size, enum wire_registry registry, uint32_t value)
{
    unsigned digits = registry_tables[registry].hex_digits;
    if (digits == 0) {
        (void)snprintf(out, size, "%u", (unsigned)value);
    } else {
        (void)snprintf(out, size, "0x%0*x", (int)digits, (unsigned)value);
    }
    return out;
}

char *wire_registry_text(char *out, size_t size, enum wire_registry registry, uint32_t value)
{
    const char *name = wire_registry_name(registry, value);
    char number[16];

    if (name != NULL) {
        (void)snprintf(out, size, "%s", name);
    } else if (is_reserved_for_grease(registry, value)) {
        int digits = registry == WIRE_REGISTRY_PSK_MODE ? 2 : 4;
        (void)snprintf(out, size, "GREASE (0x%0*x)", digits, (unsigned)value);
    } else {
        registry_number(number, sizeof number, registry, value);
        (void)snprintf(out, size, "unknown (%s)", number);
    }
    return out;
}

/* Drafts (0x7fNN), Google's and Facebook's experiments with them (0x7eNN, 0xfbNN). */
bool wire_version_is_tls13(uint16_t version)
{
    return version == WIRE_TLS13 || version >> 8 == 0x7f || version >> 8 == 0x7e ||
           version >> 8 == 0xfb;
}

const char *wire_side_name(enum wire_side side)
{
    return side == WIRE_CLIENT ? "client" : "server";
}

const char *wire_message_name(uint8_t content_type, uint8_t handshake_type)
{
    bool handshake = content_type == WIRE_HANDSHAKE;
    uint8_t type = handshake ? handshake_type : content_type;
    const struct registry_entry *entry =
        registry_find(handshake ? WIRE_REGISTRY_HANDSHAKE_TYPE : WIRE_REGISTRY_CONTENT_TYPE, type);
    return entry == NULL ? registry_unknown_messages[type] : entry->extra;
}

char *wire_alert_text(char *out, size_t size, uint8_t level, uint8_t description)
{
    const struct registry_entry *entry = registry_find(WIRE_REGISTRY_ALERT, description);
    char unusual[40] = "";

    /* RFC 8446 6: the level says nothing a reader needs, unless it is neither of the two. */
    if (registry_find(WIRE_REGISTRY_ALERT_LEVEL, level) == NULL) {
        (void)snprintf(unusual, sizeof unusual, ", of unknown level %u", level);
    }
    if (entry == NULL) {
        (void)snprintf(out, size, "an alert without a name (%u)%s", description, unusual);
    } else {
        (void)snprintf(out, size, "%s (%s, %u)%s", entry->extra, entry->name, description, unusual);
    }
    return out;
}
