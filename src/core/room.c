/*-------------------------------------------------------------------------
 *
 * room.c
 *	  Memory for many small things that go together.
 *
 * None of them is freed before all are, so they need not each say where they
 * belong.  A session that is new gets its memory page by page from the
 * operating system, and pays for each when it is first written.
 *
 * src/core/room.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "core/room.h"

#define ROOM_SIZE 8192

/* What is larger is allocated alone. */
#define ROOM_MOST 1024

/*
 * Memory of a context that is all the room's, freed with the context.  A room
 * is empty, all zero, until its first use, and after a reset of the context.
 */
void *
spm_room_take(SpmRoom *room, MemoryContext context, Size size)
{
	char *place = room->next;

	if (size > ROOM_MOST)
		return MemoryContextAllocHuge(context, size);
	if (place == NULL || size > room->end - place)
	{
		place = MemoryContextAlloc(context, ROOM_SIZE);
		room->end = place + ROOM_SIZE;
	}
	room->next = place + MAXALIGN(size);
	return place;
}
