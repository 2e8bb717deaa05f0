/* glibc lets a program replace malloc and still reach the original. */
#include "scarcity.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_ALLOCATOR 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define OWN_ALLOCATOR 0
#endif
#endif
#ifndef OWN_ALLOCATOR
#define OWN_ALLOCATOR 1
#endif

static bool counting;
static bool refused;
static unsigned long left;

bool scarcity_works(void)
{
    return OWN_ALLOCATOR;
}

void scarcity_begin(unsigned long count)
{
    refused = false;
    left = count;
    counting = true;
}

bool scarcity_end(void)
{
    counting = false;
    return refused;
}

#if OWN_ALLOCATOR

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

static bool refuse(void)
{
    if (!counting || left-- > 0) {
        return false;
    }
    counting = false;
    refused = true;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return refuse() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return refuse() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    return refuse() ? NULL : __libc_realloc(block, size);
}

#endif
