package dev.tollgate.accounting.bring;

/** Tables of LiteLLM as far as they matter here: names, columns and types are those of its documentation. */
final class LiteLlmSchema {
    private LiteLlmSchema() {}

    private static final String LIMITS = "max_budget double precision, max_parallel_requests integer, tpm_limit bigint,"
            + " rpm_limit bigint, budget_duration text, budget_reset_at timestamp(3), ";

    /** A version of 2025. */
    static final String RECENT = """
            CREATE TABLE "LiteLLM_BudgetTable" (budget_id text PRIMARY KEY, soft_budget double precision, LIMITS
              model_max_budget jsonb, allowed_models text[] DEFAULT '{}', created_at timestamp(3) DEFAULT now(),
              created_by text);
            CREATE TABLE "LiteLLM_ModelTable" (id serial PRIMARY KEY, aliases jsonb);
            CREATE TABLE "LiteLLM_OrganizationTable" (organization_id text PRIMARY KEY, organization_alias text,
              budget_id text, metadata jsonb DEFAULT '{}', models text[], spend double precision DEFAULT 0,
              model_spend jsonb DEFAULT '{}', object_permission_id text);
            CREATE TABLE "LiteLLM_TeamTable" (team_id text PRIMARY KEY, team_alias text, organization_id text, admins text[],
              members text[], members_with_roles jsonb DEFAULT '{}', metadata jsonb DEFAULT '{}', LIMITS
              spend double precision DEFAULT 0, models text[], blocked boolean DEFAULT false, model_id integer,
              model_max_budget jsonb DEFAULT '{}');
            CREATE TABLE "LiteLLM_UserTable" (user_id text PRIMARY KEY, user_alias text, user_email text, user_role text,
              teams text[] DEFAULT '{}', password text, sso_user_id text, LIMITS spend double precision DEFAULT 0,
              models text[], metadata jsonb DEFAULT '{}');
            CREATE TABLE "LiteLLM_TeamMembership" (user_id text, team_id text, spend double precision DEFAULT 0,
              budget_id text);
            CREATE TABLE "LiteLLM_OrganizationMembership" (user_id text, organization_id text, user_role text,
              spend double precision DEFAULT 0, budget_id text);
            CREATE TABLE "LiteLLM_EndUserTable" (user_id text PRIMARY KEY, alias text, spend double precision DEFAULT 0,
              allowed_model_region text, default_model text, budget_id text, blocked boolean DEFAULT false);
            CREATE TABLE "LiteLLM_TagTable" (tag_name text PRIMARY KEY, description text, models text[], model_info jsonb,
              spend double precision DEFAULT 0, budget_id text);
            CREATE TABLE "LiteLLM_VerificationToken" (token text PRIMARY KEY, key_name text, key_alias text,
              spend double precision DEFAULT 0, expires timestamp(3), models text[], aliases jsonb DEFAULT '{}',
              config jsonb DEFAULT '{}', router_settings jsonb DEFAULT '{}', user_id text, team_id text,
              permissions jsonb DEFAULT '{}', metadata jsonb DEFAULT '{}', blocked boolean, LIMITS
              allowed_routes text[] DEFAULT '{}', model_spend jsonb DEFAULT '{}', model_max_budget jsonb DEFAULT '{}',
              budget_id text, organization_id text, object_permission_id text, auto_rotate boolean DEFAULT false,
              created_at timestamp(3) DEFAULT now(), created_by text);
            CREATE TABLE "LiteLLM_ProxyModelTable" (model_id text PRIMARY KEY, model_name text, litellm_params jsonb);
            CREATE TABLE "LiteLLM_CredentialsTable" (credential_id text PRIMARY KEY, credential_name text);
            CREATE TABLE "LiteLLM_SpendLogs" (request_id text PRIMARY KEY, spend double precision);
            CREATE TABLE "LiteLLM_FutureTable" (id integer);
            """.replace("LIMITS", LIMITS);

    /** One of the first versions: few tables, few columns. */
    static final String OLD = """
            CREATE TABLE "LiteLLM_VerificationToken" (token text PRIMARY KEY, spend double precision DEFAULT 0,
              expires timestamp(3), models text[], user_id text, team_id text, max_budget double precision,
              metadata jsonb DEFAULT '{}');
            """;
}
