/** The points of the tasks of a submission: each point in one task, in order, `share` of them a task. */
import { expect, it } from 'vitest';
import { pointsOfTask, type Submission } from '../../src/runs/sweepSubmissions.node.js';

it.each([
  [[[0, 9]], 3],
  [
    [
      [2, 4],
      [7, 7],
      [11, 15],
    ],
    4,
  ],
  [[[5, 5]], 1],
] as const)('of ranges %j, %i a task, are all points once, in order', (ranges, share) => {
  const points = ranges.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i),
  );
  const tasks = Math.ceil(points.length / share);
  const submission = {
    ...{ number: '0001', name: 'collapsar-0001', ranges, share, job: null, tasks, at: 0 },
  } as unknown as Submission;
  for (let task = 0; task < tasks; task++)
    expect(pointsOfTask(submission, task)).toEqual(points.slice(task * share, (task + 1) * share));
  expect(pointsOfTask(submission, tasks)).toEqual([]);
});
