package dev.tollgate.accounting.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.accounting.Calls;
import dev.tollgate.accounting.SpendRow;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.SqliteLedger;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.ModelAccess;
import dev.tollgate.protocol.Query;
import dev.tollgate.protocol.UserRole;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each call has 10 prompt and 5 completion tokens, tags {@code a} and {@code b}, the team {@code team} and the end user {@code end}. */
class ReportsTest {
    private static final String DATES = "start_date=2026-01-01&end_date=2026-01-05";

    private final Map<Holder, BigDecimal> budgets = new HashMap<>();

    /** Today's hash of the second key. */
    private String renewed = "k2";

    @TempDir
    Path data;

    private Ledger ledger;

    private final Reports reports = new Reports(
            new Names() {
                @Override
                public @Nullable String key(String hash) {
                    return hash.equals("k1") ? "first" : null;
                }

                @Override
                public @Nullable String team(String id) {
                    return "Team";
                }

                @Override
                public @Nullable String user(String id) {
                    return null;
                }

                @Override
                public @Nullable BigDecimal budget(Holder holder) {
                    return budgets.get(holder);
                }

                @Override
                public List<String> managedTeams(String user) {
                    return user.equals("boss") ? List.of("team") : List.of();
                }

                @Override
                public UnaryOperator<String> presentKeys() {
                    return hash -> hash.equals("k2") ? renewed : hash;
                }

                @Override
                public JsonObject facts(Holder holder) {
                    return holder.id().equals("anna")
                            ? new JsonObject().put("user_role", "proxy_admin")
                            : new JsonObject();
                }

                @Override
                public Organizations organizations() {
                    return (key, _) -> key.equals("k1") ? "org" : null;
                }

                @Override
                public boolean seesOrganization(Query.Scope scope, String organization) {
                    return scope.equals(Query.Scope.ALL) || "chief".equals(scope.user());
                }
            },
            Clock.fixed(Instant.parse("2026-01-05T12:00:00Z"), ZoneOffset.UTC));

    @BeforeEach
    void store() {
        ledger = SqliteLedger.open(data.resolve("tollgate.db"));
        ledger.store(
                List.of(
                        row("a", "k1", "anna", "m1", "2026-01-01T00:00:00Z", 3_000_000_000L),
                        row("b", "k1", "anna", "m2", "2026-01-02T00:00:00Z", 1_000_000_000L),
                        row("c", "k2", "bert", "m1", "2026-01-02T23:59:59Z", 500_000_000L),
                        row("old", "k2", "bert", "m1", "2025-11-01T00:00:00Z", 7_000_000_000L)),
                "file",
                1);
    }

    private static SpendRow row(String id, String key, String user, String model, String time, long nanos) {
        return Calls.charged(
                Calls.row(id, key, user, model, Instant.parse(time).toEpochMilli(), nanos),
                new Charge(new Holder(Kind.KEY, key), 0),
                new Charge(new Holder(Kind.USER, user), 0));
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    private String answer(String what, String parameters, Query.Scope scope) {
        Map<String, String> given = new HashMap<>();
        for (String pair : parameters.split("&")) {
            given.put(pair.split("=", 2)[0], pair.substring(pair.indexOf('=') + 1));
        }
        return reports.answer(new Query(what, given, null, scope), ledger).toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "spend/keys | '' | [{'token':'k2','key_alias':null,'spend':7.5},{'token':'k1','key_alias':'first','spend':4}]",
                "spend/users | '' | [{'user_id':'bert','user_alias':null,'spend':7.5},{'user_id':'anna','user_alias':null,'spend':4,'user_role':'proxy_admin'}]",
                "spend/users | user_id=anna | [{'user_id':'anna','user_alias':null,'spend':4,'user_role':'proxy_admin'}]",
                "spend/tags | DATES | [{'individual_request_tag':'a','total_spend':4.5,'log_count':3},"
                        + "{'individual_request_tag':'b','total_spend':4.5,'log_count':3}]",
                "global/spend | '' | {'spend':4.5,'max_budget':null}",
                "global/spend/logs | '' | [{'date':'2026-01-01','spend':3},{'date':'2026-01-02','spend':1.5}]",
                "global/spend/logs | api_key=k2 | [{'date':'2026-01-02','spend':0.5,'api_key':'k2'}]",
                "global/spend/keys | limit=1 | [{'api_key':'k1','key_alias':'first','key_name':'first','total_spend':4}]",
                "global/spend/models | '' | [{'model':'m1','total_spend':3.5,'total_tokens':30},"
                        + "{'model':'m2','total_spend':1,'total_tokens':15}]",
                "global/spend/teams | '' | {'daily_spend':[{'date':'2026-01-01','Team':3},{'date':'2026-01-02','Team':1.5}],"
                        + "'teams':['Team'],'total_spend_per_team':[{'team_id':'Team','total_spend':4.5}]}",
                "global/spend/tags | DATES&tags=b | {'spend_per_tag':[{'name':'b','spend':4.5,'log_count':3}]}",
                "global/spend/all_tag_names | '' | {'tag_names':['a','b']}",
                "global/all_end_users | '' | {'end_users':['end']}",
                "global/spend/provider | DATES | [{'provider':'openai','spend':4.5}]",
                "global/activity | DATES | {'daily_data':[{'date':'Jan 01','api_requests':1,'total_tokens':15},"
                        + "{'date':'Jan 02','api_requests':2,'total_tokens':30}],'sum_api_requests':3,'sum_total_tokens':45}",
                "global/activity/model | start_date=2026-01-01&end_date=2026-01-01 | [{'model':'group','daily_data':"
                        + "[{'date':'Jan 01','api_requests':1,'total_tokens':15}],'sum_api_requests':1,'sum_total_tokens':15}]",
                "global/spend/report | DATES&team_id=team&api_key=k2 | [{'api_key':'k2','total_cost':0.5,'total_input_tokens':10,"
                        + "'total_output_tokens':5,'model_details':[{'model':'m1','total_cost':0.5,'total_input_tokens':10,"
                        + "'total_output_tokens':5}]}]",
                "key/spend/report | DATES&api_key=k2 | [{'api_key':'k2','total_cost':0.5,'total_input_tokens':10,'total_output_tokens':5,"
                        + "'model_details':[{'model':'m1','total_cost':0.5,'total_input_tokens':10,'total_output_tokens':5}]}]",
                "user/spend/report | DATES&internal_user_id=bert | [{'api_key':'k2','total_cost':0.5,'total_input_tokens':10,"
                        + "'total_output_tokens':5,'model_details':[{'model':'m1','total_cost':0.5,'total_input_tokens':10,"
                        + "'total_output_tokens':5}]}]",
                "team/spend/report | DATES&team_id=team&api_key=k2 | [{'api_key':'k2','total_cost':0.5,'total_input_tokens':10,"
                        + "'total_output_tokens':5,'model_details':[{'model':'m1','total_cost':0.5,'total_input_tokens':10,"
                        + "'total_output_tokens':5,'team_id':'team'}]}]",
                "team/spend/report | DATES&team_id=other | []",
                "organization/spend/report | DATES&organization_id=org | [{'api_key':'k1','total_cost':4,'total_input_tokens':20,"
                        + "'total_output_tokens':10,'model_details':[{'model':'m1','total_cost':3,'total_input_tokens':10,"
                        + "'total_output_tokens':5,'team_id':'team'},{'model':'m2','total_cost':1,'total_input_tokens':10,"
                        + "'total_output_tokens':5,'team_id':'team'}]}]",
                "organization/spend/report | DATES&organization_id=other | []",
                "global/spend/report | start_date=2026-01-01&end_date=2026-01-01 | [{'group_by_day':'2026-01-01','teams':"
                        + "[{'team_name':'Team','total_spend':3,'metadata':[{'model':'m1','api_key':'k1','spend':3,"
                        + "'total_tokens':15}]}]}]",
                "global/spend/report | start_date=2026-01-01&end_date=2026-01-01&group_by=customer | [{'group_by_day':"
                        + "'2026-01-01','customers':[{'customer':'end','total_spend':3,'metadata':[{'model':'m1','api_key':'k1',"
                        + "'spend':3,'total_tokens':15}]}]}]",
            })
    void aReportHasTheShapeOfLiteLlm(String what, String parameters, String expected) {
        Object shown = Json.decodeValue(answer(what, parameters.replace("DATES", DATES), Query.Scope.ALL));
        assertThat(shown).isEqualTo(Json.decodeValue(expected.replace('\'', '"')));
    }

    @ParameterizedTest
    @CsvSource({
        "user, '', 3, 4.5, 0",
        "user, user_id=anna, 2, 4.0, 0",
        "user, model=m2, 1, 1.0, 0",
        "team, team_ids=team, 3, 4.5, 1",
        "team, team_ids=x, 0, 0.0, 0",
        "team, exclude_team_ids=team, 0, 0.0, 0",
        "tag, tags=b, 3, 4.5, 1",
        "tag, tags=x, 0, 0.0, 0",
        "organization, '', 2, 4.0, 1",
        "organization, organization_ids=org, 2, 4.0, 1",
        "organization, organization_ids=x, 0, 0.0, 0",
        "organization, exclude_organization_ids=org, 0, 0.0, 0",
        "organization, model=m2, 1, 1.0, 1",
        "customer, '', 3, 4.5, 1",
        "customer, end_user_ids=x, 0, 0.0, 0",
        "customer, exclude_end_user_ids=end, 0, 0.0, 0",
        "end_user, end_user_ids=end&api_key=k2, 1, 0.5, 1",
    })
    void dailyActivityCountsEachCallOnce(String of, String filter, long requests, double spend, int entities) {
        String text = answer(of + "/daily/activity", DATES + "&" + filter, Query.Scope.ALL);
        assertThat(answer(of + "/daily/activity/aggregated", DATES + "&" + filter, Query.Scope.ALL))
                .isEqualTo(text);
        JsonObject answer = new JsonObject(text);
        assertThat(answer.getJsonObject("metadata").getLong("total_api_requests"))
                .isEqualTo(requests);
        assertThat(answer.getJsonObject("metadata").getLong("total_tokens")).isEqualTo(requests * 15);
        assertThat(answer.getJsonObject("metadata").getDouble("total_spend")).isEqualTo(spend);
        for (Object day : answer.getJsonArray("results")) {
            JsonObject breakdown = ((JsonObject) day).getJsonObject("breakdown");
            assertThat(breakdown.getJsonObject("entities")).hasSize(entities);
            double models = breakdown.getJsonObject("models").stream()
                    .mapToDouble(model -> ((JsonObject) model.getValue())
                            .getJsonObject("metrics")
                            .getDouble("spend"))
                    .sum();
            assertThat(models)
                    .isEqualTo(((JsonObject) day).getJsonObject("metrics").getDouble("spend"));
        }
    }

    /** What it spent is kept under the hash that it had first; those who may see it have it under the one of today. */
    @Test
    void aKeyThatWasRegeneratedIsShownUnderTodaysHash() {
        renewed = "k3";
        budgets.put(new Holder(Kind.KEY, "k3"), new BigDecimal(8));
        for (Query.Scope scope : List.of(new Query.Scope("bert", null), new Query.Scope(null, "k3"))) {
            assertThat(answer("spend/keys", "", scope))
                    .isEqualTo("[{\"token\":\"k3\",\"key_alias\":null,\"spend\":7.5,\"max_budget\":8}]");
        }
    }

    private static Query.Scope scope(UserRole role, @Nullable String user) {
        return Query.Scope.of(new Caller("k2", null, user, "team", null, role, ModelAccess.ALL, List.of()));
    }

    /** Anna's spend and key must not be told to Bert by any report, whatever he asks for. */
    @Test
    void noReportTellsWhatIsNotTheCallers() {
        for (Query.Scope scope : List.of(scope(UserRole.INTERNAL_USER, "bert"), scope(UserRole.TEAM, null))) {
            for (String report : Query.REPORTS) {
                if (new Query(report, Map.of()).aboutEndUsers()) {
                    continue;
                }
                for (String filter :
                        List.of("", "&api_key=k1", "&user_id=anna", "&group_by=customer", "&group_by=api_key")) {
                    assertThat(answer(report, DATES + "&summarize=false" + filter, scope))
                            .as(report + filter)
                            .doesNotContain("k1", "anna", "m2", "4.5");
                }
            }
            assertThat(answer("global/spend", "", scope)).contains("0.5");
            assertThat(answer("spend/keys", "", scope)).contains("k2");
        }
        assertThat(answer("global/spend", "", scope(UserRole.PROXY_ADMIN_VIEWER, "bert")))
                .contains("4.5");
    }

    @Test
    void whatEndUsersSpendIsForThoseWhoSeeEverything() {
        List<String> questions = Stream.concat(Query.REPORTS.stream(), Stream.of(Query.END_USERS))
                .filter(report -> new Query(report, Map.of()).aboutEndUsers())
                .toList();
        assertThat(questions)
                .contains("global/all_end_users", "customer/daily/activity", "end_user/daily/activity/aggregated")
                .hasSize(6);
        for (String question : questions) {
            for (Query.Scope scope : List.of(scope(UserRole.INTERNAL_USER, "bert"), scope(UserRole.TEAM, null))) {
                assertThatThrownBy(() -> answer(question, DATES, scope))
                        .as(question)
                        .isInstanceOf(Forbidden.class);
            }
            assertThat(answer(question, DATES, scope(UserRole.PROXY_ADMIN_VIEWER, "bert")))
                    .contains("end");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "                                                         | [{'end_user':'end','total_count':3,'total_spend':4.5}]",
                "{'api_key':'k2'}                                         | [{'end_user':'end','total_count':1,'total_spend':0.5}]",
                "{'startTime':'2025-01-01','api_key':null}                | [{'end_user':'end','total_count':4,'total_spend':11.5}]",
                "{'startTime':'2026-01-01','endTime':'2026-01-01'}        | [{'end_user':'end','total_count':1,'total_spend':3}]",
                "{'startTime':'2026-01-02T00:00:00.001Z'}                 | [{'end_user':'end','total_count':1,'total_spend':0.5}]",
                "{'startTime':'2026-01-01','endTime':'2026-01-02T23:59:59Z'} | [{'end_user':'end','total_count':2,'total_spend':4}]",
                "{'endTime':'2025-12-31'}                                 | []",
            })
    void endUsersWhoSpentMostAreFoundByTheBody(@Nullable String body, String expected) {
        Buffer sent = body == null ? null : Buffer.buffer(body.replace('\'', '"'));
        Buffer answer = reports.answer(new Query(Query.END_USERS, Map.of(), sent, Query.Scope.ALL), ledger);
        assertThat(Json.decodeValue(answer)).isEqualTo(Json.decodeValue(expected.replace('\'', '"')));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'startTime':'soon'} | `startTime`",
                "{'api_key':7} | `api_key`",
                "[] | JSON object",
                "{ | JSON object"
            })
    void aBodyThatCannotBeUnderstoodIsRefused(String body, String hint) {
        Buffer sent = Buffer.buffer(body.replace('\'', '"'));
        assertThatThrownBy(() -> reports.answer(new Query(Query.END_USERS, Map.of(), sent, Query.Scope.ALL), ledger))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(hint);
    }

    @Test
    void whoManagesAnOrganizationSeesAllOfItAndNothingElse() {
        String question = "organization/daily/activity";
        assertThat(answer(question, DATES, new Query.Scope("chief", null)))
                .contains("\"total_spend\":4.0,", "\"k1\"")
                .doesNotContain("k2");
        Query.Scope bert = new Query.Scope("bert", null);
        assertThat(answer(question, DATES, bert))
                .contains("\"total_spend\":0.0,")
                .doesNotContain("k1", "k2");
        assertThat(answer(question, DATES, new Query.Scope(null, "k1"))).contains("\"total_spend\":0.0,");
        assertThat(answer("organization/spend/report", DATES, new Query.Scope("chief", null)))
                .contains("\"k1\"", "\"total_cost\":4.0,")
                .doesNotContain("k2");
        assertThat(answer("organization/spend/report", DATES, bert)).isEqualTo("[]");
        assertThatThrownBy(() -> answer("organization/spend/report", DATES + "&organization_id=org", bert))
                .isInstanceOf(Forbidden.class);
        assertThatThrownBy(() -> answer(question, DATES + "&organization_ids=org", bert))
                .isInstanceOf(Forbidden.class)
                .hasMessage("User is not org_admin for Organization= org.");
    }

    @ParameterizedTest
    @CsvSource({
        "global/activity, '', Please provide start_date and end_date",
        "key/spend/report, '', Please provide start_date and end_date",
        "global/spend/provider, start_date=2026-01-01, Please provide",
        "spend/tags, start_date=soon, `start_date`",
        "global/spend/models, limit=many, `limit`",
        "global/spend/report, start_date=2026-01-01&end_date=2026-01-02&group_by=moon, `group_by`",
    })
    void aParameterThatCannotBeUnderstoodIsNamed(String what, String parameters, String hint) {
        assertThatThrownBy(() -> answer(what, parameters, Query.Scope.ALL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(hint);
    }

    @Test
    void budgetsAreShownWhereThereAre() {
        budgets.put(Holder.ALL, new BigDecimal(100));
        budgets.put(new Holder(Kind.KEY, "k1"), new BigDecimal("4.5"));
        budgets.put(new Holder(Kind.USER, "bert"), new BigDecimal(9));
        budgets.put(new Holder(Kind.TEAM, "team"), new BigDecimal(50));
        assertThat(answer("global/spend", "", Query.Scope.ALL)).isEqualTo("{\"spend\":4.5,\"max_budget\":100}");
        assertThat(answer("global/spend", "", new Query.Scope("anna", null))).endsWith("\"max_budget\":null}");
        assertThat(answer("spend/keys", "", Query.Scope.ALL))
                .contains("\"key_alias\":null,\"spend\":7.5}", "\"spend\":4.0,\"max_budget\":4.5}");
        assertThat(answer("spend/users", "user_id=bert", Query.Scope.ALL)).contains("\"max_budget\":9}");
        assertThat(answer("global/spend/keys", "limit=1", Query.Scope.ALL))
                .contains("\"total_spend\":4.0,\"max_budget\":4.5}");
        assertThat(answer("global/spend/teams", "", Query.Scope.ALL))
                .contains("{\"team_id\":\"Team\",\"total_spend\":4.5,\"max_budget\":50}");
    }

    @Test
    void whoManagesATeamSeesAllOfItWhereTheQuestionIsAboutTeams() {
        Query.Scope boss = new Query.Scope("boss", null);
        Query.Scope member = new Query.Scope("bert", null);
        assertThat(answer("team/daily/activity", DATES, boss)).contains("\"total_spend\":4.5");
        assertThat(answer("team/daily/activity", DATES + "&team_ids=other", boss))
                .contains("\"total_spend\":0");
        assertThat(answer("team/daily/activity", DATES, member)).contains("\"total_spend\":0.5");
        assertThat(answer("global/spend/teams", "", boss)).contains("\"total_spend\":4.5");
        assertThat(answer("global/spend/report", DATES + "&group_by=team", boss))
                .contains("\"total_spend\":3");
        assertThat(answer("global/spend/report", DATES + "&group_by=customer", boss))
                .isEqualTo("[]");
        assertThat(answer("team/spend/report", DATES, boss)).contains("\"k1\"", "\"k2\"");
        assertThat(answer("team/spend/report", DATES, member)).doesNotContain("k1");
        assertThat(answer("spend/logs", "team_id=team", boss)).contains("\"a\"", "\"old\"");
        assertThat(answer("spend/logs/v2", "team_id=team", member)).contains("\"total\":2");
        assertThat(answer("spend/logs", "limit=5", boss)).as("only their own").isEqualTo("[]");
        assertThat(answer("user/daily/activity", DATES, boss)).contains("\"total_spend\":0");
    }
}
