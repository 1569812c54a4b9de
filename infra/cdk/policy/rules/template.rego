package tradewind

import rego.v1

# METADATA
# id: TW-KEEP-01
# title: What holds data survives its stack
# why: Without Retain a removed line, a rename or a replacement deletes records we must keep for years.
# fix: Set removalPolicy RETAIN, which writes both DeletionPolicy and UpdateReplacePolicy
violation contains finding("TW-KEEP-01", name, policy, sprintf("%s is %v", [policy, value])) if {
	some name, resource in input.resources
	resource.resourceType in stateful_types
	some policy, key in {"DeletionPolicy": "deletionPolicy", "UpdateReplacePolicy": "updateReplacePolicy"}
	value := written(resource[key])
	value != "Retain"
}

written(value) := value if value != null

written(null) := "absent"

# METADATA
# id: TW-REF-01
# title: Stacks refer to each other weakly
# why: An export locks its stack for as long as anyone imports it, so neither side can change first.
# fix: Hand the reference over in the CDK app; cdk.json makes it a weak one
# source: aws/aws-cdk#7602
violation contains finding("TW-REF-01", name, "Properties", "the resource imports the export of another stack") if {
	some name, resource in input.resources
	contains(json.marshal(resource.properties), "cross-stack import:")
}

violation contains finding("TW-REF-01", "", sprintf("Outputs.%s.Export", [name]), sprintf("output \"%v\" is exported", [name])) if {
	some name, output in input.outputs
	present(output.exportName)
}

# METADATA
# id: TW-NAME-01
# title: Only what others must know has a name of ours
# why: A named resource can not be replaced without being deleted first, and two environments can not stand in one account.
# fix: Leave the name out, or acknowledge it with what outside the template needs the name
violation contains finding(
	"TW-NAME-01", name, sprintf("Properties.%s", [key]),
	sprintf("%s is given the name %v", [type, props(name)[key]]),
) if {
	some type, key in unneeded_names
	some name in of_type(type)
	has(props(name), key)
}

unneeded_names := {
	"AWS::CloudFormation::Stack": "StackName",
	"AWS::EC2::LaunchTemplate": "LaunchTemplateName",
	"AWS::EC2::PlacementGroup": "GroupName",
	"AWS::EC2::SecurityGroup": "GroupName",
	"AWS::ElastiCache::ParameterGroup": "CacheParameterGroupName",
	"AWS::ElastiCache::ReplicationGroup": "ReplicationGroupId",
	"AWS::ElastiCache::SubnetGroup": "CacheSubnetGroupName",
	"AWS::Events::Rule": "Name",
	"AWS::IAM::InstanceProfile": "InstanceProfileName",
	"AWS::IAM::ManagedPolicy": "ManagedPolicyName",
	"AWS::KinesisFirehose::DeliveryStream": "DeliveryStreamName",
	"AWS::Lambda::LayerVersion": "LayerName",
	"AWS::RDS::DBCluster": "DBClusterIdentifier",
	"AWS::RDS::DBInstance": "DBInstanceIdentifier",
	"AWS::RDS::DBParameterGroup": "DBParameterGroupName",
	"AWS::RDS::DBSubnetGroup": "DBSubnetGroupName",
	"AWS::SQS::Queue": "QueueName",
	"AWS::StepFunctions::StateMachine": "StateMachineName",
}

# METADATA
# id: TW-NAME-02
# title: A name of ours says whose it is
# why: Roles and policies are scoped by the environment's prefix; a name without it is out of their reach or in somebody else's.
# fix: Take the name from plan.names
violation contains finding(
	"TW-NAME-02", name, sprintf("Properties.%s", [key]),
	sprintf("\"%v\" does not begin with the environment's prefix", [value]),
) if {
	some type, key in allowed_names
	some name in of_type(type)
	value := props(name)[key]
	is_string(value)
	not regex.match(`^(alias/|/)?tradewind[-/]`, lower(value))
}

allowed_names := {
	"AWS::Backup::BackupVault": "BackupVaultName",
	"AWS::CloudWatch::Alarm": "AlarmName",
	"AWS::CloudWatch::CompositeAlarm": "AlarmName",
	"AWS::DynamoDB::Table": "TableName",
	"AWS::IAM::Role": "RoleName",
	"AWS::KMS::Alias": "AliasName",
	"AWS::Lambda::Function": "FunctionName",
	"AWS::Logs::LogGroup": "LogGroupName",
	"AWS::S3::Bucket": "BucketName",
	"AWS::SNS::Topic": "TopicName",
	"AWS::SSM::Document": "Name",
	"AWS::SSM::Parameter": "Name",
	"AWS::SecretsManager::Secret": "Name",
}

# METADATA
# id: TW-SEC-01
# title: A secret is never written in a template
# why: CloudFormation keeps every template it was given and shows it to whoever may describe the stack.
# fix: Keep it in Secrets Manager and refer to it, or let GenerateSecretString make it
violation contains finding("TW-SEC-01", name, "Properties.SecretString", "SecretString is given in the template") if {
	some name in of_type("AWS::SecretsManager::Secret")
	secret := props(name).SecretString
	is_string(secret)
}

violation contains finding(
	"TW-SEC-01", name, sprintf("Properties.Environment.Variables.%s", [key]),
	sprintf("variable %s looks like a secret in clear text", [key]),
) if {
	some name in of_type("AWS::Lambda::Function")
	some key, value in variables(name)
	is_string(value)
	regex.match(`(?i)(password|passphrase|secret|token|api_?key|private_?key)$`, key)
	not regex.match(`^(\{\{resolve:|arn:)`, value)
}

variables(name) := found if {
	found := props(name).Environment.Variables
	is_object(found)
}
