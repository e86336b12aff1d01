/** Which stories each section shows, and which section is on stage. */
import { computed } from '@preact/signals';
import type { StoryName } from '../link/stories.js';
import { setStory, state } from '../state/store.js';

export type ChapterId = 'points' | 'angles' | 'imbalance' | 'lost' | 'descent';

export interface Chapter {
  readonly id: ChapterId;
  /** The first is set when the section comes into view. */
  readonly stories: readonly [StoryName, ...StoryName[]];
}

export const CHAPTERS: readonly Chapter[] = [
  { id: 'points', stories: ['points'] },
  { id: 'angles', stories: ['angles'] },
  { id: 'imbalance', stories: ['imbalance'] },
  { id: 'lost', stories: ['lost', 'rescue'] },
  { id: 'descent', stories: ['trapped', 'surprise'] },
];

export function chapterOf(story: StoryName | null): Chapter | undefined {
  return CHAPTERS.find(({ stories }) => stories.some((name) => name === story));
}

/** Whose problem is trained and shown. */
export const onStage = computed(() => chapterOf(state.value.story)?.id ?? null);

/** Sets the stage for a section, unless one of its stories is there already. */
export function enter(id: ChapterId): void {
  const chapter = CHAPTERS.find((known) => known.id === id);
  if (chapter !== undefined && onStage.peek() !== id) setStory(chapter.stories[0]);
}
