/*
 * wipe.h: what a program forgets is gone from its memory.
 */
#ifndef RCTD_BASE_WIPE_H
#define RCTD_BASE_WIPE_H

/*
 * Before anything else is done, once: no core file is written, and Jansson wipes what it gives
 * back: passwords and who people are pass through its strings and buffers.
 */
void wipe_start(void);

#endif
