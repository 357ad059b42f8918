/* tests/guest/kit.h - what a guest program in C includes: the console's exports by name, and the words around them.
 *
 * int main(void) runs in the title's first thread; its result is that thread's exit status. Exports take and return what
 * kernel/exports.def says; 64-bit and ninth arguments are translated by the kit's stubs. Variadic exports take up to
 * KIT_SLOTS arguments that their format names. A variable of the kernel is a pointer of its name. A thread function gets its
 * argument in r3: uint32_t f(void *arg). There is no C library but for the few functions at the end.
 */
#ifndef KIT_H
#define KIT_H

#include <stddef.h>
#include <stdint.h>

typedef uint32_t HANDLE;
typedef uint32_t NTSTATUS;

#include "kit_exports.h"

#define STATUS_SUCCESS 0x00000000u
#define STATUS_TIMEOUT 0x00000102u
#define STATUS_ABANDONED 0x00000080u
#define STATUS_USER_APC 0x000000C0u
#define STATUS_INVALID_HANDLE 0xC0000008u
#define STATUS_INVALID_PARAMETER 0xC000000Du

/* NtCreateEvent's type: a manual-reset event stays signalled, an auto-reset one lets a single waiter through. */
#define EVENT_MANUAL 0u
#define EVENT_AUTO 1u
/* NtCreateTimer's and KeInitializeTimerEx's type: a notification timer stays signalled, a synchronization one lets a single waiter through. */
#define TIMER_NOTIFICATION 0u
#define TIMER_SYNCHRONIZATION 1u
/* NtWaitForMultipleObjectsEx's type. */
#define WAIT_ALL 0u
#define WAIT_ANY 1u
/* Wait mode, alertable. */
#define USER_MODE 1u
#define NOT_ALERTABLE 0u
#define ALERTABLE 1u
#define DUPLICATE_CLOSE_SOURCE 1u
#define DUPLICATE_SAME_ACCESS 2u
/* ExCreateThread's flags: suspended; run on hardware thread n. */
#define CREATE_SUSPENDED 1u
#define ON_HW(n) (0x01000000u << (n))
#define CURRENT_THREAD ((HANDLE)0xFFFFFFFEu)

/** A relative timeout: hundreds of nanoseconds, negative. */
#define MILLISECONDS(n) (-(int64_t)(n) * 10000)

struct kit_dispatcher {
	uint8_t type, absolute, size, inserted;
	int32_t signal_state;
	uint32_t wait_flink, wait_blink;
};

struct kit_event {
	struct kit_dispatcher header;
};

struct kit_semaphore {
	struct kit_dispatcher header;
	int32_t limit;
};

struct kit_timer {
	struct kit_dispatcher header;
	uint64_t due_time;
	uint32_t list[2];
	void *dpc;
	uint32_t period_ms;
};

/** KDPC: its routine is void f(struct kit_dpc *, void *context, uint32_t arg1, uint32_t arg2). */
struct kit_dpc {
	uint16_t type;
	uint8_t queued_on;            /* hardware thread + 1; 0 = not queued */
	uint8_t hardware_thread;      /* + 1; 0 = where it is queued */
	uint32_t list[2];
	void *routine, *context;
	uint32_t arg1, arg2;
};

/** RTL_CRITICAL_SECTION: a dispatcher header, then the lock. */
struct kit_critical_section {
	struct kit_dispatcher header;
	int32_t lock_count;
	uint32_t recursion_count;
	uint32_t owning_thread;
};
_Static_assert(sizeof(struct kit_critical_section) == 28, "28 bytes on the console");

struct kit_ansi_string {
	uint16_t length, maximum_length;
	char *buffer;
};

struct kit_object_attributes {
	HANDLE root;
	struct kit_ansi_string *name;
	uint32_t attributes;
};

/** IO_STATUS_BLOCK. */
struct kit_iosb {
	NTSTATUS status;
	uint32_t information;
};

#define STATUS_PENDING 0x00000103u
#define STATUS_END_OF_FILE 0xC0000011u
/* NtCreateFile's access, dispositions and options. */
#define GENERIC_READ 0x80000000u
#define GENERIC_WRITE 0x40000000u
#define DELETE_ACCESS 0x00010000u
#define FILE_OPEN 1u
#define FILE_CREATE 2u
#define FILE_OPEN_IF 3u
#define FILE_OVERWRITE_IF 5u
#define FILE_DIRECTORY_FILE 0x01u
#define FILE_SYNCHRONOUS_IO_NONALERT 0x20u
#define SHARE_ALL 7u
/** An ANSI_STRING of a literal, and OBJECT_ATTRIBUTES of it. */
#define KIT_ANSI(text) ((struct kit_ansi_string){ sizeof(text) - 1, sizeof(text), (char *)(text) })
#define KIT_ATTRIBUTES(name) ((struct kit_object_attributes){ 0, (name), 0x40 })

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);

#endif
