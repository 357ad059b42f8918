/* kernel/handlers.h - k_Name for every IMPL and REFUSE row of exports.def; each lies in the file of its guest prefix. */
#ifndef KERNEL_HANDLERS_H
#define KERNEL_HANDLERS_H

#include "kernel/exports.h"

/** What STUB rows do: emits EV_STUB, answers 0. */
export_fn export_stub;

#define DECLARE_IMPL(n) export_fn k_##n;
#define DECLARE_STUB(n)
#define DECLARE_REFUSE(n) export_fn k_##n;
#define DECLARE_NONE(n)
#define DECLARE_VAR(n)
#define EXPORT(m, o, n, args, state, src) DECLARE_##state(n)
#include "kernel/exports.def"
#undef EXPORT

#endif
