/** All that can be said of one session: what one walk through its frames gathers. */
import { ConversationObserver, type Conversations } from './conversations.ts';
import type { Finding } from './findings/finding.ts';
import { JoiningObserver, type Joining } from './joining.ts';
import type { Observer, SeenFrame, SessionView } from './observe.ts';

export interface SessionReport {
  readonly view: SessionView;
  /** Worst first. */
  readonly findings: readonly Finding[];
  readonly conversations: Conversations;
  readonly joining: Joining;
}

export class ReportObserver implements Observer<SessionReport> {
  readonly #view: SessionView;
  readonly #findings: Observer<readonly Finding[]>;
  readonly #conversations: ConversationObserver;
  readonly #joining: JoiningObserver;

  constructor(view: SessionView, findings: Observer<readonly Finding[]>) {
    this.#view = view;
    this.#findings = findings;
    this.#conversations = new ConversationObserver(view);
    this.#joining = new JoiningObserver(view);
  }

  frame(seen: SeenFrame): void {
    this.#findings.frame(seen);
    this.#conversations.frame(seen);
    this.#joining.frame(seen);
  }

  end(): SessionReport {
    return {
      view: this.#view,
      findings: this.#findings.end(),
      conversations: this.#conversations.end(),
      joining: this.#joining.end(),
    };
  }
}
