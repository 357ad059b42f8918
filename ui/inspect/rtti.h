/* ui/inspect/rtti.h - the class of an object in guest memory, told by its vtable: from MSVC's RTTI, or from a symbol of the vtable.
 *
 * MSVC, 32 bits, big-endian here: the word before a vtable points to a CompleteObjectLocator {signature 0, offset of this vtable's part in
 * the whole object, constructor displacement, TypeDescriptor, ClassHierarchyDescriptor}; a TypeDescriptor is {type_info's vtable, 0,
 * ".?AVName@@"}; a ClassHierarchyDescriptor {signature 0, attributes, bases, array of BaseClassDescriptors}, the first of which is the class
 * itself: {TypeDescriptor, ...}. All of it lies in the image. Nothing is believed unless all of it fits.
 * Symbols: ??_7Name@@6B@ (MSVC), _ZTV4Name (Itanium ABI, objects point 8 bytes behind it).
 */
#ifndef UI_INSPECT_RTTI_H
#define UI_INSPECT_RTTI_H

#include "kernel/machine.h"

#define CLASS_NAME 128u

struct class_guess {
	char name[CLASS_NAME];    /* "Outer::Name"; what cannot be taken apart stays as it is written in the image */
	uint32_t offset;          /* of the vtable's pointer in the whole object */
	const char *how;          /* "RTTI" or "symbol"; static */
};

/** The class whose vtable lies at @vtable; false: there is none, as far as can be told. */
bool class_of_vtable(const struct machine *m, uint32_t vtable, struct class_guess *out);

#define CLASS_REACH 4096u         /* bytes below a word that are searched for its object's vtable pointer */

/** The object with a vtable that the word at @ga may lie in: the nearest one that begins at or above @low and at most CLASS_REACH below @ga.
 * Where it ends is not known: inferred. @object: where the whole object begins. */
bool class_around(const struct machine *m, uint32_t ga, uint32_t low, struct class_guess *out, uint32_t *object);

#endif
