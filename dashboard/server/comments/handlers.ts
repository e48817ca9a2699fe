/**
 * What people say about the frames of a session.
 *
 * The rule: a comment is on a frame of the capture, whatever session it was looked at in; so one on a frame between two
 * sessions is in both. The file is written to only when somebody has something to say.
 */
import { Failure } from '../../../common/failure.ts';
import type { StoredComment } from '../../../recorder/comment-reader.ts';
import { CommentWriter } from '../../../recorder/comments.ts';
import type { Comment } from '../../api/frames.ts';
import type { Archive } from '../archive.ts';
import type { Handlers } from '../handlers.ts';

type Names = 'comments' | 'addComment' | 'editComment' | 'dropComment';

export function commentHandlers({ file, reader }: Archive, wallMicros: () => number): Handlers<Names> {
  const writer = new CommentWriter(file);
  return {
    comments({ params: { id } }) {
      const { captureId, firstSequence, lastSequence, ended } = reader.session(id);
      const last = ended === null ? Number.MAX_SAFE_INTEGER : lastSequence;
      const found = reader.comments(captureId, { first: firstSequence, last, session: id });
      return { comments: Array.from(found, commentJson) };
    },
    addComment({ params: { id }, body: { sequence, text, marker } }) {
      const { captureId } = reader.session(id);
      const { frames } = reader.look(captureId, {
        session: id,
        after: sequence - 1,
        last: sequence,
        rows: 1,
      });
      if (frames.length === 0)
        throw new Failure('input', 'no-such-frame', `session ${id} has no frame ${sequence}`);
      const at = new Date(wallMicros() / 1000).toISOString();
      return commentJson(writer.add({ captureId, sequence, text, marker, at }));
    },
    editComment: ({ params: { id }, body }) => commentJson(writer.edit(id, body)),
    dropComment({ params: { id } }) {
      writer.drop(id);
      return { done: true };
    },
  };
}

export function commentJson({ id, sequence, text, marker, at }: StoredComment): Comment {
  return { id, sequence, text, marker, at };
}
