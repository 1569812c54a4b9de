package tradewind

import rego.v1

# Statements that say what a role, user or group may do.
identity_statements contains [name, sprintf("Properties.PolicyDocument.Statement.%d", [index]), statement] if {
	some type in ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"]
	some name in of_type(type)
	some index, statement in as_array(props(name).PolicyDocument.Statement)
}

identity_statements contains [name, sprintf("Properties.Policies.%d.PolicyDocument.Statement.%d", [place, index]), statement] if {
	some type in ["AWS::IAM::Role", "AWS::IAM::Group"]
	some name in of_type(type)
	some place, policy in items(props(name).Policies)
	some index, statement in as_array(policy.PolicyDocument.Statement)
}

# Statements that say who may use a resource.
resource_statements contains [name, sprintf("Properties.%s.Statement.%d", [key, index]), statement] if {
	some type, key in {
		"AWS::S3::BucketPolicy": "PolicyDocument",
		"AWS::SQS::QueuePolicy": "PolicyDocument",
		"AWS::SNS::TopicPolicy": "PolicyDocument",
		"AWS::KMS::Key": "KeyPolicy",
		"AWS::SecretsManager::ResourcePolicy": "ResourcePolicy",
		"AWS::Backup::BackupVault": "AccessPolicy",
		"AWS::IAM::Role": "AssumeRolePolicyDocument",
	}
	some name in of_type(type)
	some index, statement in as_array(props(name)[key].Statement)
}

conditional(statement) if {
	is_object(statement.Condition)
	count(statement.Condition) > 0
}

# METADATA
# id: TW-IAM-01
# title: No role may do everything, nor everything of a service
# why: Who takes the engine's host takes what its role may do; service:* includes what AWS adds next year.
# fix: List the actions
violation contains finding("TW-IAM-01", name, sprintf("%s.Action", [path]), sprintf("action \"%v\"", [action])) if {
	some [name, path, statement] in identity_statements
	statement.Effect == "Allow"
	some action in as_array(statement.Action)
	is_string(action)
	regex.match(`^(\*|[a-z0-9-]+:\*)$`, action)
}

violation contains finding("TW-IAM-01", name, path, "NotAction allows all but what it lists") if {
	some [name, path, statement] in identity_statements
	statement.Effect == "Allow"
	has(statement, "NotAction")
}

# METADATA
# id: TW-IAM-02
# title: A role acts on named resources
# why: An action on every resource reaches the other environments of the account, unless a condition holds it back or the API knows no resources.
# fix: Name the ARN, add a condition, or add an API without resource-level permissions to rule-data.ts with its source
# source: Service Authorization Reference, actions without resource types
violation contains finding(
	"TW-IAM-02", name, sprintf("%s.Resource", [path]),
	sprintf("%v on resource \"%v\" without a condition", [wide, resource]),
) if {
	some [name, path, statement] in identity_statements
	statement.Effect == "Allow"
	not conditional(statement)
	some resource in as_array(statement.Resource)
	every_resource(resource)
	wide := sort([action | some action in as_array(statement.Action); is_string(action); not unscoped(action)])
	count(wide) > 0
}

violation contains finding("TW-IAM-02", name, path, "NotResource allows all but what it lists") if {
	some [name, path, statement] in identity_statements
	statement.Effect == "Allow"
	has(statement, "NotResource")
}

every_resource(resource) if resource == "*"

every_resource(resource) if {
	is_string(resource)
	regex.match(`^arn:[^:]*:[^:]*:[^:]*:[^:]*:\*$`, resource)
}

unscoped(action) if action in unscoped_actions

# METADATA
# id: TW-IAM-03
# title: Nobody unknown is let in
# why: A resource policy for everyone without a condition makes the resource public to all of AWS.
# fix: Name the principal or add a condition on account, organization or source
violation contains finding("TW-IAM-03", name, sprintf("%s.Principal", [path]), "everyone is allowed without a condition") if {
	some [name, path, statement] in resource_statements
	statement.Effect == "Allow"
	not conditional(statement)
	everyone(statement.Principal)
}

# METADATA
# id: TW-IAM-04
# title: A role is passed to a named service
# why: iam:PassRole on any role, or to any service, is how a small role becomes a large one.
# fix: Name the role ARN and add the condition iam:PassedToService
violation contains finding("TW-IAM-04", name, path, "iam:PassRole without the condition iam:PassedToService") if {
	some [name, path, statement] in identity_statements
	statement.Effect == "Allow"
	"iam:PassRole" in as_array(statement.Action)
	not passed_to_service(statement)
}

violation contains finding("TW-IAM-04", name, path, sprintf("iam:PassRole on \"%v\"", [resource])) if {
	some [name, path, statement] in identity_statements
	statement.Effect == "Allow"
	"iam:PassRole" in as_array(statement.Action)
	some resource in as_array(statement.Resource)
	every_resource(resource)
}

passed_to_service(statement) if {
	is_object(statement.Condition)
	some operator in object.keys(statement.Condition)
	has(statement.Condition[operator], "iam:PassedToService")
}

# METADATA
# id: TW-IAM-05
# title: No users and no access keys
# why: Long-lived keys leak; people come through the identity provider and machines through roles.
# fix: Remove the user and give the caller a role
violation contains finding("TW-IAM-05", name, "Properties", sprintf("%s is created", [type])) if {
	some type in ["AWS::IAM::User", "AWS::IAM::AccessKey"]
	some name in of_type(type)
}

# METADATA
# id: TW-IAM-06
# title: An action names its service
# why: IAM refuses an action without a service prefix when the role is created, in the middle of the deployment.
# fix: Write service:Action, e.g. s3:GetObject
violation contains finding("TW-IAM-06", name, sprintf("%s.Action", [path]), sprintf("\"%v\" names no service", [action])) if {
	some [name, path, statement] in identity_statements | resource_statements
	some action in as_array(statement.Action)
	is_string(action)
	action != "*"
	not contains(action, ":")
}
