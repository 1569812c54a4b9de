package tradewind

import rego.v1

# METADATA
# id: TW-LOG-01
# title: Logs end when the policy says and are encrypted with our key
# why: A group without retention is kept for ever; one without a key is read by whoever reads any log of the account.
# fix: Set RetentionInDays from the plan and KmsKeyId to the audit key
violation contains finding("TW-LOG-01", name, sprintf("Properties.%s", [key]), sprintf("no %s is given", [key])) if {
	some name in of_type("AWS::Logs::LogGroup")
	some key in ["RetentionInDays", "KmsKeyId"]
	not has(props(name), key)
}

# METADATA
# id: TW-FUN-01
# title: A function runs on a runtime that is still maintained
# why: After its deprecation date a runtime gets no security patches, and later the function can not be updated any more.
# fix: Use one of the runtimes in infra/cdk/policy/rule-data.ts
# source: Lambda developer guide, runtimes and their deprecation dates
violation contains finding(
	"TW-FUN-01", name, "Properties.Runtime",
	sprintf("runtime \"%v\" is not one of %v", [runtime, sort(lambda_runtimes)]),
) if {
	some name in of_type("AWS::Lambda::Function")
	runtime := props(name).Runtime
	is_string(runtime)
	not runtime in lambda_runtimes
}

# METADATA
# id: TW-FUN-02
# title: A function writes into a log group of ours
# why: The group Lambda makes by itself has no retention and no key, and outlives the stack.
# fix: Give LoggingConfig.LogGroup
violation contains finding("TW-FUN-02", name, "Properties.LoggingConfig.LogGroup", "no log group is given") if {
	some name in of_type("AWS::Lambda::Function")
	object.get(props(name), ["LoggingConfig", "LogGroup"], null) == null
}

# METADATA
# id: TW-ALM-01
# title: An alarm tells somebody
# why: An alarm without an action turns red where nobody looks.
# fix: Set AlarmActions to a topic of the environment and leave ActionsEnabled on
violation contains finding("TW-ALM-01", name, "Properties.AlarmActions", "the alarm has no action") if {
	some type in ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"]
	some name in of_type(type)
	count(as_array(object.get(props(name), "AlarmActions", []))) == 0
}

violation contains finding("TW-ALM-01", name, "Properties.ActionsEnabled", "the alarm's actions are switched off") if {
	some type in ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"]
	some name in of_type(type)
	props(name).ActionsEnabled == false
}

# METADATA
# id: TW-ALM-02
# title: An alarm says what to do
# why: Who is woken at four reads the runbook; without its address they search for it first.
# fix: End AlarmDescription with the URL of the runbook
violation contains finding("TW-ALM-02", name, "Properties.AlarmDescription", "no runbook URL in the description") if {
	some type in ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"]
	some name in of_type(type)
	description := object.get(props(name), "AlarmDescription", "")
	is_string(description)
	not regex.match(`https?://\S+`, description)
}

# METADATA
# id: TW-ALM-03
# title: An alarm says what silence means
# why: By default a metric that stops coming leaves the alarm as it is, so a dead host looks healthy.
# fix: Set TreatMissingData
violation contains finding("TW-ALM-03", name, "Properties.TreatMissingData", "TreatMissingData is absent") if {
	some name in of_type("AWS::CloudWatch::Alarm")
	not has(props(name), "TreatMissingData")
}

violation contains finding(
	"TW-ALM-03", name, "Properties.DatapointsToAlarm",
	sprintf("%d of %d datapoints can not be reached", [wanted, periods]),
) if {
	some name in of_type("AWS::CloudWatch::Alarm")
	wanted := props(name).DatapointsToAlarm
	periods := props(name).EvaluationPeriods
	wanted > periods
}
