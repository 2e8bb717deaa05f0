/* pcapng blocks, little-endian, written into a buffer (draft-ietf-opsawg-pcapng). */
#ifndef CAPTURE_BLOCKS_H
#define CAPTURE_BLOCKS_H

#include "tlstep/capture.h"

void blocks_section(struct buffer *out, const struct capture_text *comments, size_t count);
void blocks_interface(struct buffer *out, uint16_t link_type, const char *name,
                      const char *description);
void blocks_packet(struct buffer *out, uint32_t interface, const struct capture_block *block);
void blocks_statistics(struct buffer *out, const struct capture_block *block);
/* A key log. Returns the offset of its text in `out`. */
size_t blocks_secrets(struct buffer *out, const void *text, size_t length);

#endif
