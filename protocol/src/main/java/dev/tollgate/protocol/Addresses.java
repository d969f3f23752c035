package dev.tollgate.protocol;

/** Names on the event bus. A lane's own consumer is the name, {@code #} and the lane's number. */
public final class Addresses {
    /** Router: takes a {@link Call}, answers an {@link Answer}. */
    public static final String ROUTE = "tollgate.route";
    /** Router: takes a {@link Call} that is not made, answers a {@link QueryResult}: how it would be routed now. */
    public static final String EXPLAIN = "tollgate.explain";
    /** Router: takes a request body as {@code Buffer}, answers as {@code Long} a bound for its tokens that is closer than its bytes. */
    public static final String COUNT = "tollgate.count";
    /** Accounting: takes a {@link FactsQuestion}, answers a {@link FactsAnswer}. */
    public static final String FACTS = "tollgate.facts";
    /** Accounting: takes a {@link Call} before it is made, answers an {@link Admission}. */
    public static final String ADMIT = "tollgate.admit";

    /** Accounting: takes a {@link Call} that costs nothing, answers an {@link Admission} of its model alone; nothing is counted. */
    public static final String NAMES = "tollgate.names";

    /** Accounting of one lane: takes the id of an admitted call that will never be settled. No answer. */
    public static final String RELEASE = "tollgate.release";

    /** Accounting of one lane: takes a {@link Begun}. No answer. */
    public static final String BEGUN = "tollgate.begun";

    /** Accounting: takes a {@link Hold} before an attempt, answers {@link Held}. */
    public static final String HOLD = "tollgate.hold";

    /** Accounting: takes an {@link Unhold}, answers {@link Held}. */
    public static final String UNHOLD = "tollgate.unhold";

    /** Gateway: takes a {@link Capping}, answers a {@link Call}. */
    public static final String CAP = "tollgate.cap";

    /** Accounting: takes a {@link BudgetQuestion}, answers its {@link BudgetQuestion.Answer}. */
    public static final String BUDGETS = "tollgate.budgets";

    /** Accounting: takes {@link DeploymentNews}; the answer means nothing. */
    public static final String NEWS = "tollgate.news";

    /** Accounting: takes {@link Manage}, answers {@link Managed}. */
    public static final String MANAGE = "tollgate.manage";

    /** Accounting: takes a {@link Settlement}, answers {@link Settled}. */
    public static final String SETTLE = "tollgate.settle";
    /** Accounting: takes a {@link Query}, answers {@link QueryResult}. */
    public static final String LEDGER = "tollgate.ledger";

    /** Providers of one lane: takes the id of a call whose client has gone, and drops its upstream. No answer. */
    public static final String CANCEL = "tollgate.cancel";

    /** Router of one lane: takes the same id, and tries no further. No answer. */
    public static final String ABANDON = "tollgate.abandon";

    /** Router of one lane: takes a {@link StreamOutcome}. No answer. */
    public static final String STREAM_OVER = "tollgate.stream-over";

    /** Router: takes a {@link Continue}, answers an {@link Answer}. */
    public static final String CONTINUE = "tollgate.continue";

    /** Gateway of one lane: takes a {@link HealthRound}. No answer. */
    public static final String HEALTH_SEEN = "tollgate.health-seen";

    /** Router of one lane: takes a {@link HealthRound}. No answer. */
    public static final String HEALTH_ROUTING = "tollgate.health-routing";

    /**
     * On a node that leaves talking to providers to others: takes any text, answers as {@code Boolean} whether one of them can be reached.
     * Nobody answers where providers are on the same node.
     */
    public static final String REACHABLE = "tollgate.reachable";

    private static final String PROVIDER = "tollgate.provider.";

    private Addresses() {}

    /** Provider verticle for calls to one provider: takes an {@link Attempt} or a {@link Probe}. */
    public static String provider(String provider) {
        return PROVIDER + provider;
    }

    /** The same name on one lane. */
    public static String onLane(String address, int lane) {
        return address + '#' + lane;
    }
}
