/* Secrets are wiped, sizes do not overflow, arrays grow by doubling. */
#include <stdlib.h>
#include <string.h>

#include "tlstep/base.h"

void secret_wipe(void *data, size_t length)
{
    if (length > 0) {
        explicit_bzero(data, length);
    }
}

void secret_free(void *data, size_t length)
{
    if (data != NULL) {
        secret_wipe(data, length);
        free(data);
    }
}

bool size_add(size_t a, size_t b, size_t *sum)
{
    if (a > SIZE_MAX - b) {
        return false;
    }
    *sum = a + b;
    return true;
}

bool size_multiply(size_t a, size_t b, size_t *product)
{
    if (b != 0 && a > SIZE_MAX / b) {
        return false;
    }
    *product = a * b;
    return true;
}

void *array_grow(void *array, size_t *capacity, size_t count, size_t element)
{
    size_t wanted = *capacity < 8 ? 8 : *capacity;
    size_t bytes;
    void *moved;

    if (array != NULL && count <= *capacity) {
        return array;
    }
    while (wanted < count) {
        if (!size_multiply(wanted, 2, &wanted)) {
            return NULL;
        }
    }
    if (!size_multiply(wanted, element, &bytes) || bytes == 0) {
        return NULL;
    }
    moved = realloc(array, bytes);
    if (moved != NULL) {
        *capacity = wanted;
    }
    return moved;
}
