package tradewind

import rego.v1

# METADATA
# id: TW-DATA-01
# title: A database is encrypted with our key, private and protected
# why: Encryption and key are fixed at creation; a database without them can only be replaced, with its data.
# fix: Set StorageEncrypted true, KmsKeyId, DeletionProtection true and PubliclyAccessible false
violation contains finding(
	"TW-DATA-01", name, sprintf("Properties.%s", [key]),
	sprintf("%s is %v, not %v", [key, value, wanted]),
) if {
	some type in ["AWS::RDS::DBInstance", "AWS::RDS::DBCluster"]
	some name in of_type(type)
	some key, wanted in {"StorageEncrypted": true, "DeletionProtection": true}
	value := object.get(props(name), key, "absent")
	value != wanted
}

violation contains finding("TW-DATA-01", name, "Properties.KmsKeyId", "no KmsKeyId is given") if {
	some type in ["AWS::RDS::DBInstance", "AWS::RDS::DBCluster"]
	some name in of_type(type)
	not has(props(name), "KmsKeyId")
}

violation contains finding("TW-DATA-01", name, "Properties.PubliclyAccessible", "the database is reachable from the internet") if {
	some name in of_type("AWS::RDS::DBInstance")
	props(name).PubliclyAccessible == true
}

# METADATA
# id: TW-DATA-02
# title: The database password is kept by Secrets Manager
# why: A password in a template is in the repository, in CloudFormation's history and in every build log.
# fix: Set ManageMasterUserPassword true and remove MasterUserPassword
violation contains finding(
	"TW-DATA-02", name, "Properties.MasterUserPassword",
	"MasterUserPassword is given in the template",
) if {
	some type in ["AWS::RDS::DBInstance", "AWS::RDS::DBCluster"]
	some name in of_type(type)
	is_string(props(name).MasterUserPassword)
}

# METADATA
# id: TW-DATA-03
# title: Redis fails over only with somewhere to go
# why: Automatic failover and Multi-AZ need a replica; ElastiCache refuses a group of one.
# fix: Give at least two nodes, or switch AutomaticFailoverEnabled and MultiAZEnabled off
violation contains finding(
	"TW-DATA-03", name, sprintf("Properties.%s", [key]),
	sprintf("%s with %d node", [key, nodes]),
) if {
	some name in of_type("AWS::ElastiCache::ReplicationGroup")
	some key in ["AutomaticFailoverEnabled", "MultiAZEnabled"]
	props(name)[key] == true
	nodes := redis_nodes(name)
	nodes < 2
}

violation contains finding("TW-DATA-03", name, "Properties.MultiAZEnabled", "Multi-AZ without automatic failover") if {
	some name in of_type("AWS::ElastiCache::ReplicationGroup")
	props(name).MultiAZEnabled == true
	object.get(props(name), "AutomaticFailoverEnabled", false) != true
}

redis_nodes(name) := props(name).NumCacheClusters if is_number(props(name).NumCacheClusters)

redis_nodes(name) := props(name).ReplicasPerNodeGroup + 1 if {
	not has(props(name), "NumCacheClusters")
	is_number(props(name).ReplicasPerNodeGroup)
}

redis_nodes(name) := 1 if {
	not has(props(name), "NumCacheClusters")
	not has(props(name), "ReplicasPerNodeGroup")
}

# METADATA
# id: TW-DATA-04
# title: Redis is encrypted with our key, at rest and in transit
# why: Both are fixed at creation; adding them later replaces the group.
# fix: Set AtRestEncryptionEnabled and TransitEncryptionEnabled true and KmsKeyId
violation contains finding(
	"TW-DATA-04", name, sprintf("Properties.%s", [key]),
	sprintf("%s is %v", [key, value]),
) if {
	some name in of_type("AWS::ElastiCache::ReplicationGroup")
	some key in ["AtRestEncryptionEnabled", "TransitEncryptionEnabled"]
	value := object.get(props(name), key, "absent")
	value != true
}

violation contains finding("TW-DATA-04", name, "Properties.KmsKeyId", "no KmsKeyId is given") if {
	some name in of_type("AWS::ElastiCache::ReplicationGroup")
	not has(props(name), "KmsKeyId")
}

# METADATA
# id: TW-DATA-05
# title: Kafka brokers spread evenly over their subnets
# why: MSK refuses a broker count that is not a multiple of the number of subnets.
# fix: Make NumberOfBrokerNodes a multiple of the client subnets
violation contains finding(
	"TW-DATA-05", name, "Properties.NumberOfBrokerNodes",
	sprintf("%d brokers over %d subnets", [brokers, subnets]),
) if {
	some name in of_type("AWS::MSK::Cluster")
	brokers := props(name).NumberOfBrokerNodes
	is_number(brokers)
	subnets := count(items(props(name).BrokerNodeGroupInfo.ClientSubnets))
	subnets > 0
	brokers % subnets != 0
}

# METADATA
# id: TW-DATA-06
# title: The Kafka version is one MSK creates
# why: An unknown or ended version is refused half an hour into the deployment, or upgraded without notice later.
# fix: Use one of the versions in infra/cdk/policy/rule-data.ts, or add a newer one there with its source
# source: MSK developer guide, supported Apache Kafka versions
violation contains finding(
	"TW-DATA-06", name, "Properties.KafkaVersion",
	sprintf("\"%v\" is not one of %v", [version, sort(kafka_versions)]),
) if {
	some type in ["AWS::MSK::Cluster", "AWS::MSK::Configuration"]
	some name in of_type(type)
	version := props(name).KafkaVersion
	is_string(version)
	not version in kafka_versions
}

# METADATA
# id: TW-DATA-07
# title: Kafka is encrypted with our key and speaks TLS alone
# why: Plain-text listeners carry every order to whoever is inside the network.
# fix: Set EncryptionInTransit.ClientBroker TLS, InCluster true and EncryptionAtRest.DataVolumeKMSKeyId
violation contains finding(
	"TW-DATA-07", name, "Properties.EncryptionInfo.EncryptionInTransit.ClientBroker",
	sprintf("clients connect with %v", [protocol]),
) if {
	some name in of_type("AWS::MSK::Cluster")
	protocol := object.get(props(name), ["EncryptionInfo", "EncryptionInTransit", "ClientBroker"], "TLS")
	protocol != "TLS"
}

violation contains finding(
	"TW-DATA-07", name, "Properties.EncryptionInfo.EncryptionInTransit.InCluster",
	"brokers talk in clear text among themselves",
) if {
	some name in of_type("AWS::MSK::Cluster")
	object.get(props(name), ["EncryptionInfo", "EncryptionInTransit", "InCluster"], true) == false
}

violation contains finding("TW-DATA-07", name, "Properties.EncryptionInfo.EncryptionAtRest", "no key of ours at rest") if {
	some name in of_type("AWS::MSK::Cluster")
	object.get(props(name), ["EncryptionInfo", "EncryptionAtRest", "DataVolumeKMSKeyId"], null) == null
}

# METADATA
# id: TW-DATA-08
# title: Tables recover to a point in time and cannot be deleted by mistake
# why: The lease table says who may trade; without it nobody may.
# fix: Set PointInTimeRecoveryEnabled, DeletionProtectionEnabled and SSESpecification with the data key
violation contains finding(
	"TW-DATA-08", name, path,
	sprintf("%v instead of true", [value]),
) if {
	some name in of_type("AWS::DynamoDB::Table")
	some path, keys in {
		"Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled": ["PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"],
		"Properties.DeletionProtectionEnabled": ["DeletionProtectionEnabled"],
		"Properties.SSESpecification.SSEEnabled": ["SSESpecification", "SSEEnabled"],
	}
	value := object.get(props(name), keys, "absent")
	value != true
}

violation contains finding("TW-DATA-08", name, "Properties.SSESpecification.KMSMasterKeyId", "no key of ours is given") if {
	some name in of_type("AWS::DynamoDB::Table")
	object.get(props(name), ["SSESpecification", "KMSMasterKeyId"], null) == null
}
