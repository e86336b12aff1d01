/** The section in the middle of the window sets the stage; and a link that names a story scrolls to its section. */
import { effect, untracked } from '@preact/signals';
import { setStory, state } from '../state/store.js';
import { CHAPTERS, type Chapter } from './chapters.js';

/** The line that a section crosses to come on stage: a little below the middle, where a phone has its text. */
const LINE = { rootMargin: '-62% 0px -37% 0px' };

/** Follows from now on; returns what ends it. */
export function followScrolling(): () => void {
  let bySelf = false;
  const enter = ({ stories: [first, ...others] }: Pick<Chapter, 'stories'>): void => {
    const { story } = state.value;
    if (story === first || others.some((name) => name === story)) return;
    bySelf = true;
    setStory(first);
    bySelf = false;
  };
  const byId = new Map(
    [...CHAPTERS, { id: 'opening', stories: ['points'] as const }].map((one) => [one.id, one]),
  );
  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const chapter = byId.get(target.id);
      if (isIntersecting && chapter !== undefined) enter(chapter);
    }
  }, LINE);
  const story = state.peek().story;
  const named = story === null ? undefined : chapterOf(story);
  // The first story needs no scrolling: the page opens with it.
  if (named !== undefined && named !== CHAPTERS[0])
    document.getElementById(named.id)?.scrollIntoView({ block: 'start', behavior: 'instant' });
  requestAnimationFrame(() => {
    for (const id of byId.keys()) {
      const section = document.getElementById(id);
      if (section !== null) watch.observe(section);
    }
  });
  let before = story;
  const unfollow = effect(() => {
    const now = state.value.story;
    untracked(() => {
      if (!bySelf && now !== before && now !== null) {
        const chapter = chapterOf(now);
        if (chapter !== undefined && (before === null || chapter !== chapterOf(before)))
          document.getElementById(chapter.id)?.scrollIntoView({ block: 'start', behavior: 'instant' });
      }
      before = now;
    });
  });
  return () => {
    unfollow();
    watch.disconnect();
  };
}

function chapterOf(story: NonNullable<typeof state.value.story>): Chapter | undefined {
  return CHAPTERS.find(({ stories }) => stories.includes(story));
}
