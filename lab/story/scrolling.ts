/** The last section whose heading has come to the middle sets the stage; and a link that names a story scrolls to its section. */
import { effect, untracked } from '@preact/signals';
import { state } from '../state/store.js';
import { CHAPTERS, chapterOf, enter, type ChapterId } from './chapterOf.js';

/** Follows from now on; returns what ends it. */
export function followScrolling(): () => void {
  let bySelf = false;
  const story = state.peek().story;
  const named = chapterOf(story);
  // The first story needs no scrolling: the page opens with it.
  if (named !== undefined && named !== CHAPTERS[0]) scrollTo(named.id);
  let read = named?.id ?? CHAPTERS[0].id;
  let due = 0;
  const look = (): void => {
    due = 0;
    const now = sectionRead();
    if (now === read) return;
    read = now;
    bySelf = true;
    enter(now);
    bySelf = false;
  };
  const soon = (): void => {
    if (due === 0) due = requestAnimationFrame(look);
  };
  addEventListener('scroll', soon, { passive: true });
  addEventListener('resize', soon);
  let before = story;
  const unfollow = effect(() => {
    const now = state.value.story;
    untracked(() => {
      const chapter = chapterOf(now);
      if (!bySelf && now !== before && chapter !== undefined && chapter !== chapterOf(before)) {
        // A hand on the control of a section that is in sight needs no scrolling either.
        if (!isInSight(chapter.id)) scrollTo(chapter.id);
      }
      before = now;
    });
  });
  return () => {
    unfollow();
    cancelAnimationFrame(due);
    removeEventListener('scroll', soon);
    removeEventListener('resize', soon);
  };
}

/** The last section whose heading stands above the middle of what the stage leaves of the window. */
function sectionRead(): ChapterId {
  const top = stageBottom();
  const middle = top + (innerHeight - top) / 2;
  const above = CHAPTERS.filter(({ id }) => headingTop(id) <= middle);
  return (above.at(-1) ?? CHAPTERS[0]).id;
}

/** Where the stage ends that stands above the text; 0 where it stands beside it. */
function stageBottom(): number {
  const [stage, text] = ['.story-stage', '.story-text'].map((name) =>
    document.querySelector(name)?.getBoundingClientRect(),
  );
  if (stage === undefined || text === undefined || stage.left >= text.right) return 0;
  return Math.min(innerHeight / 2, Math.max(0, stage.bottom));
}

function headingTop(id: ChapterId): number {
  return document.getElementById(`${id}-title`)?.getBoundingClientRect().top ?? Infinity;
}

function isInSight(id: ChapterId): boolean {
  const lit = document.querySelector(`#${id} .lit`)?.getBoundingClientRect();
  return lit !== undefined && lit.bottom > stageBottom() && lit.top < innerHeight;
}

function scrollTo(id: ChapterId): void {
  document.getElementById(id)?.scrollIntoView({ block: 'start', behavior: 'instant' });
}
