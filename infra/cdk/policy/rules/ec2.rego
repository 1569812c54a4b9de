package tradewind

import rego.v1

# METADATA
# id: TW-EC2-01
# title: The instance type is one we have data on
# why: A misspelled or retired type is found by EC2 only when the host is launched, after the old one is gone.
# fix: Use an instance type of infra/data/instance-capabilities.json, or refresh that file
violation contains finding(
	"TW-EC2-01", name, "Properties.LaunchTemplateData.InstanceType",
	sprintf("instance type \"%v\" is not in the capability data", [type]),
) if {
	some name in of_type("AWS::EC2::LaunchTemplate")
	type := template_type(name)
	not instance_types[type]
}

violation contains finding(
	"TW-EC2-01", name, "Properties.InstanceType",
	sprintf("instance type \"%v\" is not in the capability data", [type]),
) if {
	some name in of_type("AWS::EC2::CapacityReservation")
	type := props(name).InstanceType
	is_string(type)
	not instance_types[type]
}

# METADATA
# id: TW-EC2-02
# title: ENA Express only on types that have it
# why: EC2 refuses the launch, or the traffic silently falls back to plain ENA and the measured latency is not what was bought.
# fix: Switch ENA Express off for this interface or choose a type whose enaExpress is true in infra/data/instance-capabilities.json
violation contains finding(
	"TW-EC2-02", name, sprintf("Properties.LaunchTemplateData.NetworkInterfaces.%d.EnaSrdSpecification", [index]),
	sprintf("ENA Express is enabled but \"%v\" does not have it", [type]),
) if {
	some name in of_type("AWS::EC2::LaunchTemplate")
	type := template_type(name)
	not instance_types[type].enaExpress
	some index, interface in items(props(name).LaunchTemplateData.NetworkInterfaces)
	interface.EnaSrdSpecification.EnaSrdEnabled == true
}

violation contains finding(
	"TW-EC2-02", name, "Properties.EnaSrdSpecification",
	sprintf("ENA Express is enabled but \"%v\" does not have it", [type]),
) if {
	some name in of_type("AWS::EC2::NetworkInterfaceAttachment")
	props(name).EnaSrdSpecification.EnaSrdEnabled == true
	type := instance_type_of(props(name).InstanceId.__ref)
	not instance_types[type].enaExpress
}

# METADATA
# id: TW-EC2-03
# title: Only types that can cluster go into a cluster group
# why: Burstable and some older types can not be launched into a cluster placement group; the launch fails with the group empty.
# fix: Choose a type with "cluster" in its placement list, or no cluster group
violation contains finding(
	"TW-EC2-03", name, path,
	sprintf("type \"%v\" can not be launched into cluster placement group %s", [type, group]),
) if {
	some [name, path, type, group] in placements
	props(group).Strategy == "cluster"
	not instance_types[type].cluster
}

# METADATA
# id: TW-EC2-04
# title: Only types with a PTP clock go into a precision-time group
# why: A type without a PTP hardware clock can not be launched into a precision-time placement group.
# fix: Choose a type whose ptpClock is true, or set hosts.clock to ntp
violation contains finding(
	"TW-EC2-04", name, path,
	sprintf("type \"%v\" has no PTP clock, which placement group %s asks for", [type, group]),
) if {
	some [name, path, type, group] in placements
	precise(group)
	not instance_types[type].ptpClock
}

precise(group) if props(group).Strategy == "precision-time"

precise(group) if props(props(group).ParentGroupId.__ref).Strategy == "precision-time"

placements contains [name, "Properties.LaunchTemplateData.Placement", type, group] if {
	some name in of_type("AWS::EC2::LaunchTemplate")
	type := template_type(name)
	placement := props(name).LaunchTemplateData.Placement
	some key in ["GroupName", "GroupId"]
	group := placement[key].__ref
}

placements contains [name, "Properties.PlacementGroupName", type, group] if {
	some name in of_type("AWS::EC2::Instance")
	type := instance_type_of(name)
	group := props(name).PlacementGroupName.__ref
}

placements contains [name, "Properties.PlacementGroupArn", type, group] if {
	some name in of_type("AWS::EC2::CapacityReservation")
	type := props(name).InstanceType
	group := props(name).PlacementGroupArn.__ref
}

# METADATA
# id: TW-EC2-05
# title: CPU options are ones the type accepts
# why: Metal types take no CPU options at all and others only certain thread counts; EC2 refuses the launch.
# fix: Leave hosts.threadsPerCore out (on metal SMT is switched off in the guest) or use a count of the type's threadsPerCore
violation contains finding(
	"TW-EC2-05", name, "Properties.LaunchTemplateData.CpuOptions",
	sprintf("\"%v\" accepts no CPU options: it lists no valid threads per core", [type]),
) if {
	some name in of_type("AWS::EC2::LaunchTemplate")
	type := template_type(name)
	has(props(name).LaunchTemplateData, "CpuOptions")
	count(instance_types[type].threads) == 0
}

violation contains finding(
	"TW-EC2-05", name, "Properties.LaunchTemplateData.CpuOptions.ThreadsPerCore",
	sprintf("%d threads per core, but \"%v\" accepts %v", [threads, type, instance_types[type].threads]),
) if {
	some name in of_type("AWS::EC2::LaunchTemplate")
	type := template_type(name)
	threads := props(name).LaunchTemplateData.CpuOptions.ThreadsPerCore
	count(instance_types[type].threads) > 0
	not threads in instance_types[type].threads
}

violation contains finding(
	"TW-EC2-05", name, "Properties.LaunchTemplateData.CpuOptions.CoreCount",
	sprintf("%d cores, but \"%v\" has %d", [cores, type, instance_types[type].cores]),
) if {
	some name in of_type("AWS::EC2::LaunchTemplate")
	type := template_type(name)
	cores := props(name).LaunchTemplateData.CpuOptions.CoreCount
	cores > instance_types[type].cores
}

# METADATA
# id: TW-EC2-06
# title: Auto recovery only where the type supports it
# why: On types without support EC2 refuses AutoRecovery default, and an operator would count on a recovery that never comes.
# fix: Set hosts.autoRecovery to disabled for this type
violation contains finding(
	"TW-EC2-06", name, "Properties.LaunchTemplateData.MaintenanceOptions.AutoRecovery",
	sprintf("auto recovery is \"%v\" but \"%v\" does not support it", ["default", type]),
) if {
	some name in of_type("AWS::EC2::LaunchTemplate")
	type := template_type(name)
	props(name).LaunchTemplateData.MaintenanceOptions.AutoRecovery == "default"
	instance_types[type].recovery == false
}

# METADATA
# id: TW-EC2-07
# title: Hosts do not hibernate
# why: Metal types can not, and an engine that resumes with minutes-old state in memory would trade on it.
# fix: Set HibernationOptions.Configured to false
violation contains finding(
	"TW-EC2-07", name, "Properties.LaunchTemplateData.HibernationOptions.Configured",
	"hibernation is configured",
) if {
	some name in of_type("AWS::EC2::LaunchTemplate")
	props(name).LaunchTemplateData.HibernationOptions.Configured == true
}

# METADATA
# id: TW-EC2-08
# title: Spread level and partition count only with their own strategy
# why: EC2 refuses SpreadLevel on a group that does not spread and PartitionCount on one without partitions.
# fix: Remove the property or change the strategy
violation contains finding(
	"TW-EC2-08", name, sprintf("Properties.%s", [key]),
	sprintf("%s belongs to strategy \"%v\", but the strategy is \"%v\"", [key, wanted, strategy]),
) if {
	some name in of_type("AWS::EC2::PlacementGroup")
	some key, wanted in {"SpreadLevel": "spread", "PartitionCount": "partition"}
	has(props(name), key)
	strategy := object.get(props(name), "Strategy", "cluster")
	strategy != wanted
}

# METADATA
# id: TW-EC2-09
# title: A placement group carries no tags
# why: CloudFormation replaces a placement group when a tag changes, and no host can be moved without being stopped.
# fix: Exclude AWS::EC2::PlacementGroup from Tags.of(...).add, as EnvironmentStack does
# source: CloudFormation schema of AWS::EC2::PlacementGroup, Tags is create-only
violation contains finding(
	"TW-EC2-09", name, "Properties.Tags",
	sprintf("%d tags on a placement group", [count(tags)]),
) if {
	some name in of_type("AWS::EC2::PlacementGroup")
	tags := items(props(name).Tags)
	count(tags) > 0
}

# METADATA
# id: TW-EC2-10
# title: IMDSv2 is required, one hop away
# why: With IMDSv1, or a hop limit above 1, a request forged through the host or a container on it reads the host's credentials.
# fix: Set MetadataOptions to HttpTokens required and HttpPutResponseHopLimit 1
violation contains finding(
	"TW-EC2-10", name, "Properties.LaunchTemplateData.MetadataOptions.HttpTokens",
	sprintf("HttpTokens is %v, not \"required\"", [tokens]),
) if {
	some name in of_type("AWS::EC2::LaunchTemplate")
	tokens := object.get(props(name), ["LaunchTemplateData", "MetadataOptions", "HttpTokens"], "absent")
	tokens != "required"
}

violation contains finding(
	"TW-EC2-10", name, "Properties.LaunchTemplateData.MetadataOptions.HttpPutResponseHopLimit",
	sprintf("hop limit is %v, not 1", [hops]),
) if {
	some name in of_type("AWS::EC2::LaunchTemplate")
	hops := object.get(props(name), ["LaunchTemplateData", "MetadataOptions", "HttpPutResponseHopLimit"], "absent")
	hops != 1
}

violation contains finding(
	"TW-EC2-10", name, "Properties.MetadataOptions.HttpTokens",
	sprintf("HttpTokens is %v, not \"required\"", [tokens]),
) if {
	some name in of_type("AWS::EC2::Instance")
	has(props(name), "MetadataOptions")
	tokens := object.get(props(name), ["MetadataOptions", "HttpTokens"], "absent")
	tokens != "required"
}

# METADATA
# id: TW-EC2-11
# title: An instance comes from a launch template alone
# why: Capacity reservation, throughput and ENA settings exist only in launch templates; what the instance repeats overrides them unseen.
# fix: Move the property into the launch template
violation contains finding("TW-EC2-11", name, "Properties.LaunchTemplate", "the instance has no launch template") if {
	some name in of_type("AWS::EC2::Instance")
	not has(props(name), "LaunchTemplate")
}

violation contains finding(
	"TW-EC2-11", name, sprintf("Properties.%s", [key]),
	sprintf("%s overrides the launch template", [key]),
) if {
	some name in of_type("AWS::EC2::Instance")
	has(props(name), "LaunchTemplate")
	some key in {
		"ImageId", "InstanceType", "UserData", "BlockDeviceMappings", "CpuOptions", "EbsOptimized",
		"SecurityGroupIds", "SecurityGroups", "NetworkInterfaces", "MetadataOptions", "HibernationOptions",
	}
	has(props(name), key)
}

# METADATA
# id: TW-EC2-12
# title: The image is pinned or read by EC2 at launch
# why: An image id that CloudFormation resolves from a latest parameter changes with the next unrelated update, replaces the host and leaves its data volume behind.
# fix: Give an AMI id, or "resolve:ssm:<parameter>", which EC2 reads when an instance is launched
# source: aws/aws-cdk#13925 and #12355
violation contains finding(
	"TW-EC2-12", name, path,
	"the image id is resolved by CloudFormation at each update",
) if {
	some [name, path, image] in images
	contains(image.__dynamic, "{{resolve:ssm")
}

violation contains finding(
	"TW-EC2-12", name, path,
	sprintf("the image id is the parameter \"%v\" of type %s, resolved by CloudFormation at each update", [parameter, type]),
) if {
	some [name, path, _] in images
	some reference in input.resources[name].outgoingRefs
	reference.sourcePath == path
	parameter := reference.target
	type := input.parameters[parameter].type
	startswith(type, "AWS::SSM::Parameter::Value")
}

violation contains finding(
	"TW-EC2-12", name, path,
	sprintf("\"%v\" is no image id", [image]),
) if {
	some [name, path, image] in images
	is_string(image)
	not regex.match(`^(ami-[0-9a-f]{8,17}|resolve:ssm:\S+)$`, image)
}

images contains [name, "Properties.LaunchTemplateData.ImageId", image] if {
	some name in of_type("AWS::EC2::LaunchTemplate")
	image := props(name).LaunchTemplateData.ImageId
}

images contains [name, "Properties.ImageId", image] if {
	some name in of_type("AWS::EC2::Instance")
	image := props(name).ImageId
}

# METADATA
# id: TW-EC2-13
# title: No SSH keys on hosts
# why: Hosts are entered through SSM Session Manager, which logs who did what; a key pair is a way around it.
# fix: Remove KeyName and use `aws ssm start-session`
violation contains finding(
	"TW-EC2-13", name, path,
	"a key pair is given",
) if {
	some [name, path, properties] in key_holders
	has(properties, "KeyName")
}

key_holders contains [name, "Properties.LaunchTemplateData.KeyName", launch] if {
	some name in of_type("AWS::EC2::LaunchTemplate")
	launch := props(name).LaunchTemplateData
}

key_holders contains [name, "Properties.KeyName", properties] if {
	some name in of_type("AWS::EC2::Instance")
	properties := props(name)
}

# METADATA
# id: TW-EC2-14
# title: Bandwidth weighting only where the type offers it
# why: EC2 refuses the launch of other types.
# fix: Remove NetworkPerformanceOptions or choose a type that lists the weighting
violation contains finding(
	"TW-EC2-14", name, "Properties.LaunchTemplateData.NetworkPerformanceOptions.BandwidthWeighting",
	sprintf("weighting \"%v\" is not one of %v, which \"%v\" offers", [weighting, instance_types[type].weighting, type]),
) if {
	some name in of_type("AWS::EC2::LaunchTemplate")
	type := template_type(name)
	weighting := props(name).LaunchTemplateData.NetworkPerformanceOptions.BandwidthWeighting
	weighting != "default"
	not weighting in instance_types[type].weighting
}

# METADATA
# id: TW-EC2-15
# title: Capacity reserved in a group is targeted
# why: An open reservation is taken by any instance of the account that matches, and the standby finds its place gone.
# fix: Set InstanceMatchCriteria to targeted and target the reservation from the launch template
violation contains finding(
	"TW-EC2-15", name, "Properties.InstanceMatchCriteria",
	sprintf("InstanceMatchCriteria is %v, not \"targeted\"", [criteria]),
) if {
	some name in of_type("AWS::EC2::CapacityReservation")
	criteria := object.get(props(name), "InstanceMatchCriteria", "absent, which means open")
	criteria != "targeted"
}

# METADATA
# id: TW-EC2-16
# title: A host names the version of its launch template
# why: A host that follows LatestVersionNumber is replaced by every change of its template, be it a tag or a line of user data.
# fix: Write the version as a number, and replace hosts one after the other on purpose
# source: CloudFormation schema of AWS::EC2::Instance, LaunchTemplate is create-only
violation contains finding(
	"TW-EC2-16", name, "Properties.LaunchTemplate.Version",
	sprintf("the version follows %v of %v", [attribute, template]),
) if {
	some name in of_type("AWS::EC2::Instance")
	version := props(name).LaunchTemplate.Version
	template := version.__ref
	attribute := trim_prefix(version.__kind, "getatt:")
}
