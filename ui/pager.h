/* ui/pager.h - long output on a terminal waits at the end of each page. */
#ifndef UI_PAGER_H
#define UI_PAGER_H

#include <stdio.h>

#include "src/base/base.h"

/** A stream that writes to @to, which is a terminal, page by page; NULL: there is none. The caller closes it before the program ends. */
FILE *pager_open(FILE *to);
/** A new command begins: the page is empty, and nothing is left out. @on: pages wait. */
void pager_begin(bool on);

#endif
