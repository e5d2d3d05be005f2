/* The zygote's part of the sandbox, see CSandbox.h: libMillraceSandbox.so, loaded by an idle Python interpreter. */
#pragma once
#include "CSandbox.h"

/* ---- serve.c: the zygote's loop ---- */

/* Serves requests until the executor closes the socket, then answers -1. Answers 0 **in each sandbox**, isolated, with
   descriptors 0 (null), 1, 2 (output) and 3 (channel) and no other. A sandbox whose isolation fails writes a frame of type
   CSANDBOX_FRAME_FAILED onto its channel and exits. Called from Python with the GIL held (ctypes.PyDLL), single threaded. */
int csandbox_serve(int control);

/* The frame: u32 length of what follows the type, u8 type, then for this type u32 errno and the step's text. */
enum { CSANDBOX_FRAME_FAILED = 0x7f };

/* ---- confine.c, filter.c: steps of a new sandbox ---- */

int csandbox_build_world(const struct csandbox_request *request, int code, struct csandbox_failure *failure);
int csandbox_move_descriptors(struct csandbox_descriptors *descriptors, struct csandbox_failure *failure);
int csandbox_drop_privileges(const struct csandbox_request *request, struct csandbox_failure *failure);

struct csandbox_program {
  void *instructions;         /* struct sock_filter[count]; kept for the life of the zygote */
  size_t count;
};
struct csandbox_filter {
  struct csandbox_program programs[2];
};
int csandbox_make_filter(struct csandbox_filter *filter, struct csandbox_failure *failure);
int csandbox_load_filter(const struct csandbox_filter *filter, struct csandbox_failure *failure);
