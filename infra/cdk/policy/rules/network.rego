package tradewind

import rego.v1

# Every ingress and egress rule of a security group, inline or a resource of its own.
sg_rules contains ["ingress", name, sprintf("Properties.SecurityGroupIngress.%d", [index]), rule] if {
	some name in of_type("AWS::EC2::SecurityGroup")
	some index, rule in items(props(name).SecurityGroupIngress)
}

sg_rules contains ["egress", name, sprintf("Properties.SecurityGroupEgress.%d", [index]), rule] if {
	some name in of_type("AWS::EC2::SecurityGroup")
	some index, rule in items(props(name).SecurityGroupEgress)
}

sg_rules contains [direction, name, "Properties", rule] if {
	some type, direction in {
		"AWS::EC2::SecurityGroupIngress": "ingress",
		"AWS::EC2::SecurityGroupEgress": "egress",
	}
	some name in of_type(type)
	rule := props(name)
}

anywhere(rule) := "0.0.0.0/0" if rule.CidrIp == "0.0.0.0/0"

anywhere(rule) := "::/0" if {
	rule.CidrIpv6 == "::/0"
	not rule.CidrIp == "0.0.0.0/0"
}

# METADATA
# id: TW-NET-01
# title: Nothing is open to the internet
# why: Hosts call venues and are never called; an ingress rule from anywhere is an attack surface nobody needs.
# fix: Name the security group or the private block that connects
violation contains finding(
	"TW-NET-01", name, path,
	sprintf("ingress from %s", [cidr]),
) if {
	some ["ingress", name, path, rule] in sg_rules
	cidr := anywhere(rule)
}

# METADATA
# id: TW-NET-02
# title: No SSH and no RDP, from anywhere
# why: Hosts are entered through SSM Session Manager, which authenticates with IAM and records the session.
# fix: Remove the rule and use `aws ssm start-session`
violation contains finding(
	"TW-NET-02", name, path,
	sprintf("ingress rule covers port %d", [port]),
) if {
	some ["ingress", name, path, rule] in sg_rules
	some port in [22, 3389]
	covers(rule, port)
}

covers(rule, port) if {
	rule.FromPort <= port
	rule.ToPort >= port
}

covers(rule, _) if {
	sprintf("%v", [rule.IpProtocol]) == "-1"
	not has(rule, "SourceSecurityGroupId")
}

# METADATA
# id: TW-NET-03
# title: Nothing leaves to anywhere on all ports
# why: What a stolen dependency sends home, it sends over a port the engine does not need.
# fix: Allow the ports of the venues and the private endpoints alone
violation contains finding(
	"TW-NET-03", name, path,
	sprintf("egress to %s on %s", [cidr, what]),
) if {
	some ["egress", name, path, rule] in sg_rules
	cidr := anywhere(rule)
	what := too_wide(rule)
}

too_wide(rule) := "all protocols" if sprintf("%v", [rule.IpProtocol]) == "-1"

too_wide(rule) := sprintf("ports %d to %d", [rule.FromPort, rule.ToPort]) if {
	sprintf("%v", [rule.IpProtocol]) != "-1"
	rule.FromPort != rule.ToPort
}

# METADATA
# id: TW-NET-04
# title: Address blocks are valid
# why: A block that is no block, or smaller or larger than a subnet may be, fails after half of the network exists.
# fix: Write an IPv4 block between /16 and /28 for VPCs and subnets, and a valid one elsewhere
violation contains finding(
	"TW-NET-04", name, path,
	sprintf("\"%v\" is no IPv4 block", [cidr]),
) if {
	some [name, path, cidr] in blocks
	is_string(cidr)
	not regex.match(`^((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])/(3[0-2]|[12]?[0-9])$`, cidr)
}

violation contains finding(
	"TW-NET-04", name, path,
	sprintf("\"%v\" is a /%d, a VPC or subnet is /16 to /28", [cidr, length]),
) if {
	some [name, path, cidr] in blocks
	input.resources[name].resourceType in {"AWS::EC2::VPC", "AWS::EC2::Subnet"}
	is_string(cidr)
	regex.match(`/[0-9]+$`, cidr)
	length := to_number(split(cidr, "/")[1])
	outside(length, 16, 28)
}

blocks contains [name, "Properties.CidrBlock", cidr] if {
	some type in ["AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::NetworkAclEntry"]
	some name in of_type(type)
	cidr := props(name).CidrBlock
}

blocks contains [name, "Properties.DestinationCidrBlock", cidr] if {
	some name in of_type("AWS::EC2::Route")
	cidr := props(name).DestinationCidrBlock
}

blocks contains [name, sprintf("%s.CidrIp", [path]), cidr] if {
	some [_, name, path, rule] in sg_rules
	cidr := rule.CidrIp
}

# METADATA
# id: TW-NET-05
# title: No interface gets a public address by itself
# why: Venues whitelist our Elastic IPs; an address that comes and goes with the subnet is one nobody whitelisted.
# fix: Leave MapPublicIpOnLaunch and AssociatePublicIpAddress off and use the environment's Elastic IPs
violation contains finding("TW-NET-05", name, "Properties.MapPublicIpOnLaunch", "the subnet hands out public addresses") if {
	some name in of_type("AWS::EC2::Subnet")
	props(name).MapPublicIpOnLaunch == true
}

violation contains finding(
	"TW-NET-05", name, sprintf("Properties.LaunchTemplateData.NetworkInterfaces.%d", [index]),
	"the interface asks for a public address",
) if {
	some name in of_type("AWS::EC2::LaunchTemplate")
	some index, interface in items(props(name).LaunchTemplateData.NetworkInterfaces)
	interface.AssociatePublicIpAddress == true
}
