package dev.tollgate.accounting.bring;

import dev.tollgate.accounting.ledger.LiteLlmTables;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a LiteLLM database holds and cannot be brought. Every table and every column that nothing was made of is told with how many rows
 * say something there, also those of versions that came later than this program.
 */
final class Leftovers {
    /** Tables whose rows have names worth telling, and why they stay. */
    private static final Map<String, Named> NAMED = Map.of(
            "LiteLLM_ProxyModelTable",
            new Named("model_name", "models, encrypted with LiteLLM's salt key; write them into config.yaml"),
            "LiteLLM_CredentialsTable",
            new Named("credential_name", "credentials of providers, encrypted with LiteLLM's salt key"),
            "LiteLLM_GuardrailsTable",
            new Named("guardrail_name", "guardrails"),
            "LiteLLM_MCPServerTable",
            new Named("server_name", "MCP servers"),
            "LiteLLM_AgentsTable",
            new Named("agent_name", "agents"),
            "LiteLLM_PromptTable",
            new Named("prompt_id", "prompts"),
            "LiteLLM_PolicyTable",
            new Named("policy_name", "policies"),
            "LiteLLM_ProjectTable",
            new Named("project_alias", "projects; their limits do not hold here"),
            "LiteLLM_ManagedVectorStoresTable",
            new Named("vector_store_name", "vector stores"),
            "LiteLLM_Config",
            new Named("param_name", "settings that LiteLLM keeps in its database; write them into config.yaml"));

    private static final Map<String, String> TABLES = Map.of(
            "LiteLLM_SpendLogs", "spend logs: single calls; what was spent in the present period is brought",
            "LiteLLM_SSOConfig", "single sign-on",
            "LiteLLM_ObjectPermissionTable", "permissions for MCP servers, vector stores and agents",
            "LiteLLM_DeprecatedVerificationToken", "old texts of regenerated keys in their grace period",
            "LiteLLM_JWTKeyMapping", "claims of JWTs that stand for keys",
            "LiteLLM_AuditLog", "audit logs",
            "LiteLLM_ErrorLogs", "error logs",
            "LiteLLM_InvitationLink", "invitations");

    private static final Map<String, String> COLUMNS = Map.of(
            "object_permission_id", "permissions for MCP servers, vector stores and agents",
            "auto_rotate", "rotation on a schedule",
            "router_settings", "routing of their own",
            "password", "passwords of LiteLLM's dashboard",
            "allowed_models", "models of single members of a team",
            "project_id", "limits of projects",
            "access_group_ids", "access groups of LiteLLM's database");

    private final Map<String, Map<String, Integer>> columns = new TreeMap<>();
    private final List<String> troubles = new ArrayList<>();

    private record Named(String column, String what) {}

    /** Counts what a row says beyond what was brought of it. */
    void count(String table, Set<String> left) {
        left.forEach(
                column -> columns.computeIfAbsent(table, _ -> new TreeMap<>()).merge(column, 1, Integer::sum));
    }

    /** Something about one entry. */
    void say(String trouble) {
        troubles.add(trouble);
    }

    /** Lines for people. {@code brought} are the tables whose rows were looked at. */
    List<String> lines(LiteLlmTables tables, Set<String> brought) {
        List<String> lines = new ArrayList<>(troubles);
        columns.forEach((table, counts) ->
                counts.forEach((column, rows) -> lines.add(table + "." + column + " of " + rows
                        + (rows == 1 ? " row" : " rows")
                        + (COLUMNS.containsKey(column) ? ": " + COLUMNS.get(column) : ""))));
        for (String table : tables.names()) {
            LiteLlmTables.Count count =
                    brought.contains(table) ? new LiteLlmTables.Count(0, true) : tables.count(table);
            if (count.rows() > 0) {
                lines.add(line(tables, table, count));
            }
        }
        return lines;
    }

    private static String line(LiteLlmTables tables, String table, LiteLlmTables.Count count) {
        Named named = NAMED.get(table);
        String what = named != null ? named.what() : TABLES.get(table);
        String line = table + ", " + count + (count.rows() == 1 ? " row" : " rows") + (what == null ? "" : ": " + what);
        return named == null ? line : line + ": " + String.join(", ", tables.texts(table, named.column()));
    }
}
