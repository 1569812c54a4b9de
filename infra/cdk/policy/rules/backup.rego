package tradewind

import rego.v1

# METADATA
# id: TW-BAK-01
# title: A vault lock's bounds are in order
# why: With a minimum above the maximum no backup can be kept at all, and a compliance lock makes that permanent.
# fix: Set MinRetentionDays at most MaxRetentionDays
violation contains finding(
	"TW-BAK-01", name, "Properties.LockConfiguration.MinRetentionDays",
	sprintf("minimum %d days, maximum %d days", [lock.MinRetentionDays, lock.MaxRetentionDays]),
) if {
	some name in of_type("AWS::Backup::BackupVault")
	lock := props(name).LockConfiguration
	lock.MinRetentionDays > lock.MaxRetentionDays
}

# METADATA
# id: TW-BAK-02
# title: A compliance lock leaves at least three days to change one's mind
# why: AWS Backup refuses fewer than 3 days; after them nobody, AWS included, can shorten the lock.
# fix: Set ChangeableForDays to 3 or more, or leave it out for governance mode
violation contains finding(
	"TW-BAK-02", name, "Properties.LockConfiguration.ChangeableForDays",
	sprintf("%d days, fewer than 3", [days]),
) if {
	some name in of_type("AWS::Backup::BackupVault")
	days := props(name).LockConfiguration.ChangeableForDays
	days < 3
}

# METADATA
# id: TW-BAK-03
# title: What moves to cold storage stays there for 90 days
# why: AWS Backup refuses a lifecycle that deletes within 90 days of the move.
# fix: Set DeleteAfterDays at least MoveToColdStorageAfterDays + 90
violation contains finding(
	"TW-BAK-03", name, sprintf("%s.Lifecycle.DeleteAfterDays", [path]),
	sprintf("cold after %d days, deleted after %d, before %d", [cold, delete, cold + 90]),
) if {
	some [name, path, rule] in lifecycles
	cold := rule.Lifecycle.MoveToColdStorageAfterDays
	delete := rule.Lifecycle.DeleteAfterDays
	is_number(cold)
	is_number(delete)
	cold > 0
	delete < cold + 90
}

lifecycles contains [name, path, rule] if {
	some name in of_type("AWS::Backup::BackupPlan")
	some index, rule in items(props(name).BackupPlan.BackupPlanRule)
	path := sprintf("Properties.BackupPlan.BackupPlanRule.%d", [index])
}

lifecycles contains [name, path, action] if {
	some name in of_type("AWS::Backup::BackupPlan")
	some index, rule in items(props(name).BackupPlan.BackupPlanRule)
	some place, action in items(rule.CopyActions)
	path := sprintf("Properties.BackupPlan.BackupPlanRule.%d.CopyActions.%d", [index, place])
}

# METADATA
# id: TW-BAK-04
# title: A rule keeps backups for as long as its vault's lock allows
# why: A job whose retention is outside the lock fails each night, after the deployment has succeeded.
# fix: Choose DeleteAfterDays between the vault's MinRetentionDays and MaxRetentionDays
violation contains finding(
	"TW-BAK-04", name, sprintf("Properties.BackupPlan.BackupPlanRule.%d.Lifecycle.DeleteAfterDays", [index]),
	sprintf("%d days, but vault %s is locked to %d to %d", [days, vault, low, high]),
) if {
	some name in of_type("AWS::Backup::BackupPlan")
	some index, rule in items(props(name).BackupPlan.BackupPlanRule)
	vault := rule.TargetBackupVault.__ref
	lock := props(vault).LockConfiguration
	is_object(lock)
	days := rule.Lifecycle.DeleteAfterDays
	low := object.get(lock, "MinRetentionDays", 1)
	high := object.get(lock, "MaxRetentionDays", 36500)
	outside(days, low, high)
}

violation contains finding(
	"TW-BAK-04", name, sprintf("Properties.BackupPlan.BackupPlanRule.%d", [index]),
	"the rule has no DeleteAfterDays: its backups are kept for ever",
) if {
	some name in of_type("AWS::Backup::BackupPlan")
	some index, rule in items(props(name).BackupPlan.BackupPlanRule)
	not has(rule.Lifecycle, "DeleteAfterDays")
}

# METADATA
# id: TW-BAK-05
# title: Vaults are encrypted with our key
# why: Backups hold everything the live stores hold; the same people must decide who reads them.
# fix: Set EncryptionKeyArn to the data key
violation contains finding("TW-BAK-05", name, "Properties.EncryptionKeyArn", "no EncryptionKeyArn is given") if {
	some name in of_type("AWS::Backup::BackupVault")
	not has(props(name), "EncryptionKeyArn")
}

# METADATA
# id: TW-TIME-01
# title: A schedule has the six fields of AWS cron
# why: The five fields of crontab, or a day of month and a day of week together, are refused when the schedule is created.
# fix: Write cron(minute hour day-of-month month day-of-week year) with ? for one of the two days, or rate(...)
# source: EventBridge user guide, cron expressions
violation contains finding(
	"TW-TIME-01", name, path,
	sprintf("\"%v\" has %d fields, not 6", [schedule, count(fields)]),
) if {
	some [name, path, schedule] in schedules
	fields := cron_fields(schedule)
	count(fields) != 6
}

violation contains finding(
	"TW-TIME-01", name, path,
	sprintf("\"%v\" needs ? as day of month or as day of week, one of them", [schedule]),
) if {
	some [name, path, schedule] in schedules
	fields := cron_fields(schedule)
	count(fields) == 6
	count([field | some field in [fields[2], fields[4]]; field == "?"]) != 1
}

violation contains finding(
	"TW-TIME-01", name, path,
	sprintf("\"%v\" is neither cron(...) nor rate(...)", [schedule]),
) if {
	some [name, path, schedule] in schedules
	not regex.match(`^(cron|rate|at)\(.*\)$`, schedule)
}

cron_fields(schedule) := regex.split(`\s+`, trim(trim_suffix(trim_prefix(schedule, "cron("), ")"), " ")) if {
	startswith(schedule, "cron(")
}

schedules contains [name, "Properties.ScheduleExpression", schedule] if {
	some type in ["AWS::Events::Rule", "AWS::Scheduler::Schedule", "AWS::Backup::RestoreTestingPlan"]
	some name in of_type(type)
	schedule := props(name).ScheduleExpression
	is_string(schedule)
}

schedules contains [name, "Properties.RotationRules.ScheduleExpression", schedule] if {
	some name in of_type("AWS::SecretsManager::RotationSchedule")
	schedule := props(name).RotationRules.ScheduleExpression
	is_string(schedule)
}

schedules contains [name, path, schedule] if {
	some name in of_type("AWS::Backup::BackupPlan")
	some index, rule in items(props(name).BackupPlan.BackupPlanRule)
	schedule := rule.ScheduleExpression
	is_string(schedule)
	path := sprintf("Properties.BackupPlan.BackupPlanRule.%d.ScheduleExpression", [index])
}
