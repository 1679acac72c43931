"""The names on the wire, written down a second time by hand from the telemetry contract; plain data."""

EVERYWHERE = "gen_ai.conversation.id session.id convqa.stage convqa.status convqa.schema.version"
SEGMENTS = (
    "convqa.turn.index convqa.turn.id user.id convqa.account.id convqa.customer.segment convqa.customer.tier "
    "convqa.region convqa.language convqa.channel convqa.is_group gen_ai.agent.id convqa.product.area convqa.sector "
    "convqa.issue.key"
)
GOVERNANCE = (
    "convqa.redaction.status convqa.redaction.count convqa.redaction.classes convqa.redaction.policy_version "
    "convqa.redaction.detector_version convqa.vault.ref convqa.instrumentation.violations error.type "
    "convqa.sampling.probability convqa.time.zone_assumed"
)
DOCUMENTS = (
    "gen_ai.retrieval.top_k gen_ai.retrieval.query.text gen_ai.retrieval.documents convqa.retrieval.document.ids "
    "convqa.retrieval.document.ranks convqa.retrieval.document.scores convqa.retrieval.document.versions "
    "convqa.retrieval.document.updated_at convqa.retrieval.document.approval convqa.retrieval.document.canonical "
    "convqa.retrieval.document.passage_hashes convqa.retrieval.document.passages convqa.retrieval.confidence"
)
ATTRIBUTES = {
    "turn": (
        "gen_ai.operation.name gen_ai.request.model gen_ai.response.model gen_ai.provider.name convqa.model.version "
        "gen_ai.prompt.name gen_ai.prompt.version convqa.policy.version convqa.kb.snapshot convqa.kb.built_at "
        "convqa.retrieval.index.version convqa.taxonomy.version convqa.feature_flags convqa.experiment.id "
        "convqa.experiment.arm convqa.experiment.unit convqa.intent.class convqa.intent.archetype "
        "convqa.archetype.tier convqa.risk.level convqa.latency.retrieval_ms convqa.latency.rerank_ms "
        "convqa.latency.generation_ms convqa.latency.total_ms convqa.turn.input_tokens convqa.turn.output_tokens "
        "convqa.turn.cost_usd convqa.turn.tool_calls convqa.message.text convqa.answer.text convqa.answer.type "
        "convqa.answer.template_id convqa.answer.citations convqa.answer.bubble_count "
        "convqa.answer.structured_output convqa.answer.delivered convqa.answer.self_confidence "
        "convqa.answer.self_quality convqa.automation.tier convqa.guard.state convqa.failure.type "
        "convqa.escalation.flag convqa.escalation.reason"
    ),
    "intent_detection": (
        "gen_ai.operation.name gen_ai.request.model convqa.taxonomy.version convqa.message.text convqa.intent.class "
        "convqa.intent.confidence convqa.intent.candidates convqa.intent.archetype convqa.archetype.tier "
        "convqa.risk.level"
    ),
    "retrieval": (
        f"{DOCUMENTS} gen_ai.operation.name gen_ai.data_source.id convqa.retrieval.hit convqa.kb.snapshot "
        "convqa.kb.built_at convqa.retrieval.index.version"
    ),
    "rerank": DOCUMENTS,
    "generation": (
        "gen_ai.operation.name gen_ai.request.model gen_ai.response.model gen_ai.provider.name convqa.model.version "
        "gen_ai.prompt.name gen_ai.prompt.version gen_ai.usage.input_tokens gen_ai.usage.output_tokens "
        "gen_ai.usage.cache_read.input_tokens gen_ai.usage.cache_write.input_tokens "
        "gen_ai.usage.reasoning.output_tokens convqa.usage.input_tokens convqa.usage.output_tokens "
        "convqa.usage.cache_read.input_tokens convqa.usage.cache_write.input_tokens "
        "convqa.usage.reasoning.output_tokens gen_ai.response.finish_reasons gen_ai.response.time_to_first_chunk "
        "convqa.cost.usd convqa.cost.source gen_ai.system_instructions gen_ai.input.messages gen_ai.output.messages "
        "convqa.context.first_turn convqa.context.last_turn convqa.context.message_count convqa.safety.filters"
    ),
    "tool": (
        "gen_ai.operation.name gen_ai.tool.name gen_ai.tool.call.id gen_ai.tool.call.arguments "
        "gen_ai.tool.call.result convqa.tool.result"
    ),
    "access_check": (
        "convqa.access.resource convqa.access.action convqa.access.decision convqa.access.rule "
        "convqa.access.fields_exposed"
    ),
    "policy_check": (
        "convqa.policy.check.name convqa.policy.check.result convqa.policy.violations convqa.policy.class "
        "convqa.policy.severity convqa.policy.version"
    ),
    "escalation": (
        "convqa.escalation.flag convqa.escalation.reason convqa.escalation.queue convqa.handoff.id "
        "convqa.handoff.packet_fields convqa.handoff.completeness convqa.handoff.summary"
    ),
}
VALUES = {
    "convqa.status": "ok error cancelled",
    "gen_ai.operation.name": "invoke_agent chat retrieval execute_tool",
    "convqa.archetype.tier": "1 2 3 tail",
    "convqa.risk.level": "low medium high",
    "convqa.retrieval.document.approval": "approved draft expired",
    "convqa.cost.source": "provider price_table caller unknown",
    "convqa.tool.result": "ok error unsupported",
    "convqa.answer.type": "grounded generated template clarification fallback refusal handoff",
    "convqa.automation.tier": "recommend assist automate",
    "convqa.guard.state": "normal fallback killed",
    "convqa.policy.check.result": "pass fail rewrite block skip error",
    "convqa.policy.class": "01 02 03 04",
    "convqa.policy.severity": "P0 P1 P2",
    "convqa.access.decision": "allow deny",
    "convqa.escalation.reason": (
        "low_confidence policy customer_request tool_failure out_of_scope sentiment repeated_failure guard other"
    ),
    "convqa.redaction.status": "clean redacted withheld failed_closed off",
    "convqa.change.kind": ("deployment model prompt knowledge_base policy taxonomy feature_flag product_release guard"),
    "convqa.outcome.resolution.state": ("self_resolved ai_assisted human_only unresolved abandoned pending unknown"),
    "convqa.outcome.resolution.evidence": (
        "customer_confirmed no_recontact closed_by_human model_judged vendor_claimed inactivity none"
    ),
    "convqa.outcome.feedback.thumbs": "up down",
    "convqa.outcome.csat.kind": "resolution delayed handoff model",
    "convqa.outcome.suggestion.kind": "draft steps diagnostics summary routing",
    "convqa.outcome.audit.category": "factual procedural policy citation capability",
    "convqa.outcome.audit.policy_class": "01 02 03 04",
    "convqa.outcome.audit.severity": "P0 P1 P2",
    "convqa.outcome.incident.policy_class": "01 02 03 04",
    "convqa.outcome.incident.severity": "P0 P1 P2",
    "convqa.outcome.agent_flag.flag": "incorrect_summary misrouted missing_category policy_concern",
}
EVENTS = {
    "convqa.grounding_outcome": (
        "chat_guid persona_id intent risk_level required_evidence_count grounded_evidence_count "
        "missing_evidence_count missing_evidence requested_tools executed_tools unsupported_tools failed_tools "
        "claim_rewrites response_bubble_count structured_output_used latency_ms_total llm_cost_usd"
    ),
    "convqa.user_correction_signal": (
        "chat_guid persona_id prior_intent prior_risk_level prior_missing_evidence_count prior_claim_rewrites "
        "turns_since_assistant_reply matched_pattern signal_kind"
    ),
    "convqa.refusal_or_uncertainty_style": (
        "chat_guid persona_id intent risk_level is_hard_refusal is_uncertainty_fallback has_next_step "
        "has_followup_question"
    ),
    "convqa.conversation_quality_snapshot": (
        "chat_guid persona_id turn_depth avg_bubbles_per_reply rephrase_loop_count session_duration_seconds "
        "returned_within_7d"
    ),
}
ARRAYS = {"missing_evidence", "requested_tools", "executed_tools", "unsupported_tools", "failed_tools"}
OUTCOMES = {
    "resolution": "state evidence closed_by",
    "feedback": "thumbs comment",
    "csat": "kind score scale asked_at answered_at",
    "recontact": "of same_issue match_level after_s",
    "reopen": "of match_level after_s",
    "ticket": (
        "opened_at first_human_reply_at solved_at closed_at reopened_at handle_time_s handle_time_source replies "
        "asked_to_restate packet_acknowledged"
    ),
    "agent_message": "index text",
    "suggestion": "kind accepted edited action_taken review_s",
    "audit": (
        "claim_accuracy policy_alignment source_grounding user_impact completeness actionability category "
        "policy_class severity true_intent reviewer"
    ),
    "incident": "policy_class severity owner state",
    "agent_flag": "flag",
    "business": "kind amount currency",
}
REQUIRED = {
    "turn": "convqa.redaction.status convqa.answer.type",
    "intent_detection": "convqa.intent.class convqa.intent.confidence",
    "retrieval": "gen_ai.data_source.id convqa.retrieval.document.ids convqa.retrieval.hit",
    "rerank": "",
    "generation": "gen_ai.request.model convqa.cost.source",
    "tool": "gen_ai.tool.name convqa.tool.result",
    "access_check": "convqa.access.resource convqa.access.decision",
    "policy_check": "convqa.policy.check.name convqa.policy.check.result",
    "escalation": "convqa.escalation.reason",
}
CONTENT = (
    "gen_ai.retrieval.query.text convqa.retrieval.document.passages gen_ai.system_instructions gen_ai.input.messages "
    "gen_ai.output.messages gen_ai.tool.call.arguments gen_ai.tool.call.result convqa.message.text convqa.answer.text "
    "convqa.handoff.summary convqa.outcome.feedback.comment convqa.outcome.agent_message.text convqa.custom."
)
VERSIONS = (
    "convqa.model.version gen_ai.prompt.name gen_ai.prompt.version convqa.policy.version convqa.kb.snapshot "
    "convqa.kb.built_at convqa.retrieval.index.version convqa.taxonomy.version convqa.feature_flags "
    "convqa.experiment.id convqa.experiment.arm convqa.experiment.unit"
)
