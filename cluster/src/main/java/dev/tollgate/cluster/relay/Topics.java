package dev.tollgate.cluster.relay;

/**
 * What the letters of this package are about. Each node listens to one topic for what it is asked and to one for what it is answered,
 * whatever the number of calls; the member {@code what} says which letter it is. Letters of a kind that is not known are left unread.
 */
final class Topics {
    /** To a node that plays the provider role. */
    static final String ASKED = "provider";

    /** To a node that asked one. */
    static final String ANSWERED = "provider.answer";

    /** The member that says what a letter is. */
    static final String WHAT = "what";

    /** Asked: make this attempt. Its members are {@link AttemptCodec}'s. */
    static final String ATTEMPT = "attempt";

    /** Asked: see whether a deployment is well. */
    static final String PROBE = "probe";

    /** Asked: nobody needs the answer to this attempt. */
    static final String CANCEL = "cancel";

    /** Asked: the client has room for more chunks of this stream; for how many in all since it began. */
    static final String GRANT = "grant";

    /** Asked: nobody reads this stream. */
    static final String STOP = "stop";

    /** Both ways: I am here, and this is what I know to be under way. */
    static final String PULSE = "pulse";

    /** Answered: {@link AnswerCodec}'s members. */
    static final String ANSWER = "answer";

    /** Answered: what a probe has found. */
    static final String PROBED = "probed";

    /** Answered: chunks of a stream, and perhaps its end; {@link FrameCodec}'s members. */
    static final String FRAMES = "frames";

    /** Id of the node that wrote. */
    static final String FROM = "from";

    /** Lane of the node that asks. */
    static final String LANE = "lane";

    /** How many chunks a stream may have had in all, so that a grant that is lost is made up for by the next. */
    static final String ROOM = "room";

    /** In a pulse, in the place of {@link #ROOM}: it is not wanted any more. */
    static final long UNWANTED = -1;

    /** Number of the attempt on that lane. */
    static final String NUMBER = "n";

    /** With an attempt or a probe: by what the models of the admin API go that the node that asks has. */
    static final String MODELS = "models";

    private Topics() {}
}
