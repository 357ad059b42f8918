/* ui/place.h - where the user's own files of wedge lie: configuration and state, as the XDG base directories say. */
#ifndef UI_PLACE_H
#define UI_PLACE_H

#include "src/base/base.h"

/** $XDG_CONFIG_HOME/wedge/NAME, or ~/.config/wedge/NAME. False: neither is there, or it is too long. */
bool place_config(const char *name, char *path, size_t size);
/** $XDG_STATE_HOME/wedge/NAME, or ~/.local/state/wedge/NAME. */
bool place_state(const char *name, char *path, size_t size);
/** Makes the folders that @path lies in. False: it cannot be done, errno says why. */
bool place_make(const char *path);

#endif
