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

/* Pieces grow, as contexts do; what is larger than the first is alone. */
#define FIRST_PIECE 1024
#define LARGEST_PIECE 8192

/*
 * Memory of a context that is all the room's, freed with the context.  A room
 * is empty, all zero, until its first use, and after a reset of the context.
 */
void *
spm_room_take(SpmRoom *room, MemoryContext context, Size size)
{
	char *place = room->next;

	if (size > FIRST_PIECE)
		return MemoryContextAllocHuge(context, size);
	if (place == NULL || size > room->end - place)
	{
		room->size = Min(Max(2 * room->size, FIRST_PIECE), LARGEST_PIECE);
		place = MemoryContextAlloc(context, room->size);
		room->end = place + room->size;
	}
	room->next = place + MAXALIGN(size);
	return place;
}
