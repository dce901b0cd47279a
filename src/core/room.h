/*-------------------------------------------------------------------------
 *
 * room.h
 *	  Memory for many small things that go together.
 *
 * src/core/room.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef SPM_CORE_ROOM_H
#define SPM_CORE_ROOM_H

/* What is left of the last piece that was taken of a memory context. */
typedef struct SpmRoom
{
	char *next;
	char *end;
	Size size; /* of the last piece */
} SpmRoom;

extern void *spm_room_take(SpmRoom *room, MemoryContext context, Size size);

#endif /* SPM_CORE_ROOM_H */
