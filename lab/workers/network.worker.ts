/** The same measurement as `collapsar measure`, of a file that is read piece by piece. */
import { portableBlas } from 'collapsar/core';
import { openArrays, type ByteSource } from 'collapsar/data';
import { measure } from 'collapsar/verbs';
import type { NetworkAnswer, NetworkQuestion } from './networkMessages.js';
import { createGiveWay, messageOf, workerScope } from './scope.js';

const { post, listen } = workerScope<NetworkQuestion, NetworkAnswer>();
const giveWay = createGiveWay();

listen((question) => void answer(question));

async function answer({ id, file, beside }: NetworkQuestion): Promise<void> {
  try {
    const document = await measure({
      file: await openArrays(sourceOf(file)),
      names: {},
      loss: beside?.loss,
      weightDecays: beside === null ? undefined : [beside.weightDecay],
      featureDecay: beside?.featureDecay,
      blas: portableBlas,
      onProgress: (done, total) => post({ kind: 'progress', id, done, total }),
      pause: giveWay,
    });
    post({ kind: 'done', id, document });
  } catch (error) {
    post({ kind: 'failed', id, message: messageOf(error) });
  }
}

function sourceOf(file: File): ByteSource {
  return {
    name: file.name,
    size: file.size,
    read: async (offset, length) => new Uint8Array(await file.slice(offset, offset + length).arrayBuffer()),
  };
}
