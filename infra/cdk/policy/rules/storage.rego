package tradewind

import rego.v1

# METADATA
# id: TW-S3-01
# title: Object Lock stands on versioning
# why: A lock configuration on a bucket without ObjectLockEnabled or versioning hangs or fails the deployment, and nothing is locked.
# fix: Set ObjectLockEnabled true and VersioningConfiguration.Status Enabled
# source: CloudFormation coverage roadmap, issue 626
violation contains finding("TW-S3-01", name, "Properties.ObjectLockEnabled", "ObjectLockConfiguration without ObjectLockEnabled") if {
	some name in of_type("AWS::S3::Bucket")
	has(props(name), "ObjectLockConfiguration")
	object.get(props(name), "ObjectLockEnabled", false) != true
}

violation contains finding(
	"TW-S3-01", name, "Properties.VersioningConfiguration.Status",
	sprintf("Object Lock, but versioning is %v", [status]),
) if {
	some name in of_type("AWS::S3::Bucket")
	locks(name)
	status := object.get(props(name), ["VersioningConfiguration", "Status"], "absent")
	status != "Enabled"
}

locks(name) if has(props(name), "ObjectLockConfiguration")

locks(name) if props(name).ObjectLockEnabled == true

# METADATA
# id: TW-S3-02
# title: A default retention is given in days or in years
# why: S3 refuses both at once and neither locks anything.
# fix: Keep Days alone
violation contains finding(
	"TW-S3-02", name, "Properties.ObjectLockConfiguration.Rule.DefaultRetention",
	sprintf("Days %d and Years %d together", [retention.Days, retention.Years]),
) if {
	some name in of_type("AWS::S3::Bucket")
	retention := props(name).ObjectLockConfiguration.Rule.DefaultRetention
	present(retention.Days)
	present(retention.Years)
}

violation contains finding(
	"TW-S3-02", name, "Properties.ObjectLockConfiguration.Rule.DefaultRetention",
	"neither Days nor Years",
) if {
	some name in of_type("AWS::S3::Bucket")
	retention := props(name).ObjectLockConfiguration.Rule.DefaultRetention
	not has(retention, "Days")
	not has(retention, "Years")
}

# METADATA
# id: TW-S3-03
# title: No bucket is public
# why: One missing block of the four lets a later policy or ACL publish the records of every order.
# fix: Set all four of PublicAccessBlockConfiguration to true and no AccessControl
violation contains finding(
	"TW-S3-03", name, sprintf("Properties.PublicAccessBlockConfiguration.%s", [key]),
	sprintf("%s is %v", [key, value]),
) if {
	some name in of_type("AWS::S3::Bucket")
	some key in ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"]
	value := object.get(props(name), ["PublicAccessBlockConfiguration", key], "absent")
	value != true
}

violation contains finding("TW-S3-03", name, "Properties.AccessControl", sprintf("canned ACL %v", [acl])) if {
	some name in of_type("AWS::S3::Bucket")
	acl := props(name).AccessControl
	not acl in {"Private", "LogDeliveryWrite"}
}

# METADATA
# id: TW-S3-04
# title: A bucket answers over TLS alone
# why: Without the denial anybody with credentials may send and read records in clear text.
# fix: Deny s3:* to everyone when aws:SecureTransport is false (enforceSSL on the L2)
violation contains finding("TW-S3-04", name, "Properties", "no bucket policy denies plain HTTP") if {
	some name in of_type("AWS::S3::Bucket")
	not tls_only(name)
}

tls_only(bucket) if {
	some policy in of_type("AWS::S3::BucketPolicy")
	props(policy).Bucket.__ref == bucket
	some statement in as_array(props(policy).PolicyDocument.Statement)
	denies_plain_http(statement)
}

denies_plain_http(statement) if {
	statement.Effect == "Deny"
	sprintf("%v", [statement.Condition.Bool["aws:SecureTransport"]]) == "false"
	"s3:*" in as_array(statement.Action)
	everyone(statement.Principal)
}

everyone(principal) if principal == "*"

everyone(principal) if "*" in as_array(principal.AWS)

# METADATA
# id: TW-S3-05
# title: Buckets are encrypted with our key
# why: Who may read records is decided twice, by the bucket and by the key; with the default encryption only once.
# fix: Set SSEAlgorithm aws:kms with the audit key
violation contains finding(
	"TW-S3-05", name, "Properties.BucketEncryption",
	sprintf("default encryption is %v", [algorithm]),
) if {
	some name in of_type("AWS::S3::Bucket")
	algorithm := bucket_algorithm(name)
	not algorithm in {"aws:kms", "aws:kms:dsse"}
}

violation contains finding("TW-S3-05", name, "Properties.BucketEncryption", "aws:kms without a key of ours") if {
	some name in of_type("AWS::S3::Bucket")
	some rule in items(props(name).BucketEncryption.ServerSideEncryptionConfiguration)
	is_string(rule.ServerSideEncryptionByDefault.SSEAlgorithm)
	startswith(rule.ServerSideEncryptionByDefault.SSEAlgorithm, "aws:kms")
	not has(rule.ServerSideEncryptionByDefault, "KMSMasterKeyID")
}

bucket_algorithm(name) := "absent" if not has(props(name), "BucketEncryption")

bucket_algorithm(name) := props(name).BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.SSEAlgorithm
